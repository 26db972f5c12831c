import type { Expectation } from '../../../src/cli/demo/end-state.js';
import type { LabHost } from '../namespaces/host.js';
import type { Lab } from '../namespaces/lab.js';

/** One domain of one host, as virsh tells it on that host. */
export interface Domain {
  readonly name: string;
  readonly host: string;
  readonly state: string;
  readonly uuid: string;
  readonly macs: readonly string[];
}

/** All domains of all hosts: asked by virsh, so that nothing of Berth vouches for itself. */
export async function domainsOf(lab: Lab): Promise<readonly Domain[]> {
  return (await Promise.all(lab.hosts.map(listed))).flat();
}

async function listed(host: LabHost): Promise<readonly Domain[]> {
  const rows = (await host.virsh('list', '--all')).split('\n').filter((row) => row.trim() !== '');
  return Promise.all(
    rows.map(async (row) => {
      const [, name = '', ...state] = row.trim().split(/\s+/);
      const xml = await host.virsh('dumpxml', name);
      return {
        name,
        host: host.name,
        state: state.join(' '),
        uuid: /<uuid>(.*?)<\/uuid>/.exec(xml)?.[1] ?? '',
        macs: [...xml.matchAll(/<mac address='(.*?)'/g)].map(([, mac = '']) => mac),
      };
    }),
  );
}

export function hostOf(domains: readonly Domain[], machine: string): string {
  return domains.find(({ name, state }) => name === machine && state === 'running')?.host ?? '';
}

/** Each machine runs on one host, and no other host has so much as a definition of it. */
export function exactlyOnce(domains: readonly Domain[], machines: readonly string[]): Expectation {
  const faults = machines.flatMap((machine) => {
    const copies = domains.filter(({ name }) => name === machine);
    if (copies.length === 1 && copies[0]?.state === 'running') return [];
    return [`${machine}: ${copies.map(({ host, state }) => `${state} on ${host}`).join(', ') || 'nowhere'}`];
  });
  const strangers = domains
    .filter(({ name }) => !machines.includes(name))
    .map(({ name, host }) => `${name} on ${host}`);
  return {
    sentence: `virsh: each of ${machines.length} machines runs exactly once, and is defined nowhere else`,
    faults: [...faults, ...strangers],
  };
}

/** Uuids and addresses are those of before: the same machines, not new ones with the same names. */
export function unchanged(before: readonly Domain[], after: readonly Domain[]): Expectation {
  const faults = before.flatMap(({ name, uuid, macs }) => {
    const now = after.find((one) => one.name === name);
    return now?.uuid === uuid && now.macs.join() === macs.join() ? [] : [name];
  });
  return { sentence: 'virsh: every machine kept its uuid and its MAC address', faults };
}

export function apart(domains: readonly Domain[], one: string, other: string): Expectation {
  const [here, there] = [hostOf(domains, one), hostOf(domains, other)];
  return {
    sentence: `virsh: ${one} and ${other} run on different hosts`,
    faults: here !== there ? [] : [`both are on ${here}`],
  };
}

export function empty(domains: readonly Domain[], drained: string): Expectation {
  const faults = domains.filter(({ host }) => host === drained).map(({ name }) => name);
  return { sentence: `virsh: ${drained} is empty`, faults };
}
