import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../../../lab/describe.js';
import { firmwareGuest } from '../../../lab/guest/machine.js';
import { openLab } from '../../../lab/namespaces/lab.js';
import type { LabHost } from '../../../lab/namespaces/host.js';
import type { Lab } from '../../../lab/namespaces/lab.js';
import { Notices, openClient } from './lab-client.js';

describeLab('a client whose daemon goes away', ['hypervisors'], () => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await openLab({ hosts: 1 });
    [host] = lab.hosts as [LabHost];
  });
  afterAll(() => lab.close());

  it('is told to resync when the daemon is back, and hears events again', async () => {
    const client = await openClient(host.uri, { backoff: { firstMs: 20, longestMs: 100 } });
    const notices = await Notices.of(client, ['lifecycle']);
    await host.killDaemon();
    await expect(client.getHostname({ deadlineMs: 30 })).rejects.toMatchObject({
      kind: 'deadlineExceeded',
      delivered: false,
    });
    const waiting = client.getHostname({ deadlineMs: 20_000 });
    await host.startDaemon();
    expect(await waiting).toBe(host.name);
    await notices.until((notice) => notice.kind === 'resync');
    const domain = await client.createXml(firmwareGuest({ name: 'back', number: 1 }), ['paused']);
    await notices.until((notice) => notice.kind === 'lifecycle' && notice.event === 'started');
    await client.destroy(domain);
    await client.close();
  });

  it('rejects what was under way when the daemon was killed, as a call that may have had its effect', async () => {
    const client = await openClient(host.uri);
    const creating = client.createXml(firmwareGuest({ name: 'torn', number: 2 }), ['paused']);
    creating.catch(() => undefined);
    await host.killDaemon();
    await expect(creating).rejects.toMatchObject({ kind: 'connectionLost', delivered: true });
    await client.close();
    await host.startDaemon();
  });

  it('takes a daemon that hangs for dead, though its socket stays open', async () => {
    const client = await openClient(host.uri, { keepalive: { intervalMs: 50, misses: 3 } });
    await host.killDaemon('STOP');
    const call = client.getHostname();
    await expect(call).rejects.toMatchObject({ kind: 'connectionLost', delivered: true });
    await expect(call).rejects.toThrow(/nothing was heard/);
    await host.killDaemon('CONT');
    expect(await client.getHostname()).toBe(host.name);
    await client.close();
  });

  it('outlives long silence: both sides answer the pings of the other', async () => {
    const client = await openClient(host.uri, { keepalive: { intervalMs: 40, misses: 2 } });
    const states: string[] = [];
    client.onState((state) => states.push(state.kind));
    // The daemon pings each second and hangs up after four pings without an answer.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(states).toEqual([]);
    expect(await client.getHostname()).toBe(host.name);
    await client.close();
  });

  it('fails at once where no daemon is, and says what to do', async () => {
    const opening = openClient('qemu+unix:///system?socket=/nonexistent/libvirt-sock');
    await expect(opening).rejects.toMatchObject({
      kind: 'connectFailed',
      hint: expect.stringMatching(/start libvirtd/) as string,
    });
  });
});
