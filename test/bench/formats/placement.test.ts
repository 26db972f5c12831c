import { describe, expect, it } from 'vitest';
import { InputError } from '../command.js';
import { parseCluster, parseTarget } from './placement.js';

const clusterText = `{"hosts": [{"name": "h0", "memMiB": 10}, {"name": "h1", "memMiB": 10}],
"vms": [
{"name": "a", "memMiB": 6, "host": 0, "tag": "web"},
{"name": "b", "memMiB": 4, "host": 1, "tag": "web"},
{"name": "c", "memMiB": 6, "host": 1, "tag": ""}]}`;
const cluster = parseCluster('c.json', clusterText);

describe('a cluster', () => {
  it.each([
    { text: '[]', error: '1:1', says: 'there is no list `hosts`' },
    { text: '{"hosts": [],\n"vms": 3}', error: '2:8', says: 'there is no list `vms`' },
    { text: '{"hosts": [{"memMiB": 1},\n null], "vms": []}', error: '2:2', says: 'hosts[1] is no object' },
    { text: '{"hosts": [{"memMiB": -1}], "vms": []}', error: '1:23', says: 'hosts[0].memMiB should be an amount' },
    // Sums and products of such amounts are no numbers any more.
    { text: '{"hosts": [{"memMiB": 1e308}], "vms": []}', error: '1:23', says: 'at most 2^53 - 1' },
    {
      text: '{"hosts": [{"memMiB": 1}], "vms": [{"memMiB": 0, "host": 1}]}',
      error: '1:58',
      says: 'vms[0].host should be the index of a host, 0 to 0',
    },
    {
      text: '{"hosts": [{"memMiB": 1}], "vms": [{"name": "a", "memMiB": 0, "host": 0},\n{"name": "a", "memMiB": 0, "host": 0}]}',
      error: '2:10',
      says: 'as that of another',
    },
    { text: '{"hosts": [,]}', error: '1:12', says: 'no JSON value' },
  ])('is refused at $error: $says', ({ text, error, says }) => {
    const reading = () => parseCluster('c.json', text);
    expect(reading).toThrow(InputError);
    expect(reading).toThrow(`c.json:${error}: `);
    expect(reading).toThrow(says);
  });
});

describe('a target', () => {
  it('is a list of indices of hosts', () => {
    expect(
      parseTarget('t.json', '[1, 0, 0]', { ...cluster, vms: cluster.vms.map((vm) => ({ ...vm, memMiB: 1 })) }),
    ).toEqual(Int32Array.of(1, 0, 0));
  });

  it.each([
    { text: '[0, 1]', error: '1:1', says: 'the list has 2 entries, and the cluster 3 machines' },
    { text: '{}', error: '1:1', says: 'a list of 3 indices of hosts is expected' },
    { text: '[0,\n 2, 1]', error: '2:2', says: 'entry 1 should be the index of a host, 0 to 1' },
    { text: '[0, 0, 1]', error: '1:5', says: 'anti-affinity: a and b have the tag web, and both are to be on h0' },
    { text: '[0, 1, 0]', error: '1:8', says: 'capacity: h0 has 10 MiB, and would hold 12 MiB with a, c' },
  ])('is refused at $error: $says', ({ text, error, says }) => {
    expect(() => parseTarget('t.json', text, cluster)).toThrow(`t.json:${error}: ${says}`);
  });

  it('may leave what is broken at the start as it is', () => {
    const broken = { ...cluster, vms: cluster.vms.map((vm) => ({ ...vm, host: 0, tag: 'web' })) };
    expect(parseTarget('t.json', '[0, 0, 0]', broken)).toEqual(Int32Array.of(0, 0, 0));
  });
});
