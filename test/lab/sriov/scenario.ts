import { EXIT } from '../../../src/cli/exit.js';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../../src/model/index.js';
import { guestAddress, guestMac } from '../guest/machine.js';
import { until } from '../namespaces/process-tree.js';
import type { TrafficReport } from '../namespaces/traffic.js';
import { deviceOf, type Bench } from './bench.js';
import { CLAIM, PLACE, virtualFunction } from './guests.js';
import type { SriovHost } from './host.js';
import { insist, type Report } from './report.js';

const DIRECT = { name: 'direct', number: 1, function: '0000:01:10.0' } as const;
const TEAMED = { name: 'teamed', number: 2, function: '0000:01:10.2', standby: true } as const;
const DUMMY = 'berth-dummy-lab';
const PING_MS = 100;

/** The whole scenario: each step stands on what the ones before it left. */
export async function play(bench: Bench, report: Report): Promise<void> {
  const [first, second] = [bench.host(1), bench.host(2)];
  await bench.repository.create();
  await report.step('ports, functions and IOMMU groups are found', () => detection(bench));
  const started = await report.step('two guests with functions of their own start', async () => {
    await Promise.all([bench.start(first, DIRECT), bench.start(first, TEAMED)]);
    return { detail: 'one only with its function, one with a card that stands by' };
  });
  if (!started) return;
  await report.step('hosts and machines are imported', () => importing(bench));
  await report.step('a dummy keeps a function from thieves', () => reservation(bench, second));
  await report.step('hotplug, from commit to status', () => move(bench, [{ ...DIRECT, to: second }]));
  await report.step('failover, from commit to status', () => move(bench, [{ ...TEAMED, to: second }]));
  const third = bench.lab.hosts[2] ?? first;
  await report.step('two moves at once, from commit to status', () =>
    move(bench, [
      { ...DIRECT, to: third },
      { ...TEAMED, to: first },
    ]),
  );
  await report.step('a move that takes too long is aborted mid-copy', () => tooSlow(bench, second));
  await report.step('the target loses its power mid-copy', () => powerLoss(bench, second));
  await report.step('the power is back, and the move is made', () => powerBack(bench, second));
}

async function detection(bench: Bench) {
  const began = performance.now();
  const { hosts } = await bench.observe();
  const seconds = (performance.now() - began) / 1000;
  for (const { name, devices, state } of hosts) {
    insist(state === 'up', `${name} is ${state}`);
    const ports = devices.filter(({ driver }) => driver === 'igb').map(({ bdf, function: is }) => ({ bdf, is }));
    insist(ports.length === 1 && ports[0]?.is.kind === 'pf', `${name} has ${ports.length} ports`);
    insist(ports[0].is.totalVfs === 7 && ports[0].is.linkState === 'up', `${name}: ${JSON.stringify(ports[0].is)}`);
    const functions = devices.filter((one) => one.function.kind === 'vf' && one.function.parent === ports[0]?.bdf);
    insist(functions.length === 4, `${name} has ${functions.length} functions`);
    const groups = new Set(functions.map(({ iommuGroup }) => iommuGroup));
    insist(groups.size === 4, `${name} has ${groups.size} groups for 4 functions`);
  }
  return { detail: `per host 1 port, 4 functions in 4 groups; first look ${seconds.toFixed(1)} s` };
}

/** Documents that are written from what is there ask for nothing, and name each guest's function as Berth's own commits do. */
async function importing(bench: Bench) {
  const { folder, hosts } = bench.lab;
  const out = join(folder, 'imported');
  const from = hosts.flatMap(({ name, uri }) => ['--from', `${name}=${uri}`]);
  const wrote = await bench.program('import', ...from, '--cluster', 'imported', '--out', out);
  insist(wrote.status === 0, `berth import ended with ${wrote.status}: ${wrote.stdout}${wrote.stderr}`);
  for (const { name, number } of [DIRECT, TEAMED]) {
    const text = await readFile(join(out, 'machines', `${name}.yaml`), 'utf8');
    for (const part of [CLAIM, guestMac(number), PLACE])
      insist(text.includes(part), `${name} without ${part}: ${text}`);
  }
  const plan = await bench.program('plan', '--source', out, '--state', join(folder, 'imported-state'), '-o', 'json');
  insist(plan.status === 0, `berth plan ended with ${plan.status}: ${plan.stdout}${plan.stderr}`);
  const { moves, refusals } = JSON.parse(plan.stdout) as Record<'moves' | 'refusals', readonly unknown[]>;
  insist(moves.length + refusals.length === 0, `a plan for what was imported: ${plan.stdout}`);
  return { detail: `${hosts.length} hosts and 2 machines; a plan for them has nothing to do` };
}

/** Whoever wants a function that a dummy has is refused by libvirt; a dummy that is killed is noticed, and taken again. */
async function reservation(bench: Bench, host: SriovHost) {
  const device = '0000:01:10.6';
  const order = {
    port: 'hypervisor',
    host: host.name,
    dummy: DUMMY,
    devices: [device],
    mac: '02:be:47:00:00:01',
    reservation: `${host.name}/${device}`,
    machine: DIRECT.name,
    ttlSeconds: 600,
  } as const;
  await bench.done({ ...order, kind: 'commission' });
  const card = virtualFunction({ device, mac: guestMac(9) });
  const thief = `<domain type='kvm'><name>thief</name><memory unit='MiB'>32</memory><os><type machine='q35'>hvm</type></os><devices><controller type='pci' model='pcie-root'/>${'<controller type="pci" model="pcie-root-port"/>'.repeat(6)}${card}</devices></domain>`;
  const said: string[] = [];
  const refuse = async (what: string, script: string, xml: string): Promise<void> => {
    const { status, stderr } = await host.exec(['bash', '-c', `cat >/tmp/thief.xml; ${script}`], xml);
    insist(status !== 0, `a thief could ${what}`);
    insist(/in use by driver/i.test(stderr), `a thief who would ${what} was told: ${stderr}`);
    said.push(what);
  };
  await refuse('start a second domain', 'virsh create /tmp/thief.xml', thief);
  const empty = thief.replace(card, '').replaceAll('thief', 'bystander');
  await host.exec(['bash', '-c', 'cat >/tmp/bystander.xml; virsh create --paused /tmp/bystander.xml'], empty);
  await refuse('plug it', 'virsh attach-device bystander /tmp/thief.xml --live', card);
  await host.exec(['virsh', 'destroy', 'bystander']);
  await refuse('take it from the host', 'virsh nodedev-reattach pci_0000_01_10_6', '');
  await host.exec(['virsh', 'destroy', DUMMY]);
  const { dummies } = await bench.observe();
  insist(!dummies.some(({ name }) => name === DUMMY), 'a dummy that was killed is still seen');
  await bench.done({ ...order, kind: 'commission' });
  await bench.done({ port: 'hypervisor', kind: 'decommission', host: host.name, dummy: DUMMY });
  insist((await bench.machine(DIRECT.name)).host !== host.name, 'a machine came');
  return { detail: `refused: ${said.join(', ')}; killed, noticed and taken again` };
}

interface Journey {
  readonly name: string;
  readonly number: number;
  readonly to: SriovHost;
}

/** Commits that machines are to be on other hosts, and lets Berth do it while a third party pings them. */
async function move(bench: Bench, journeys: readonly Journey[]) {
  const before = await Promise.all(journeys.map(({ name }) => bench.machine(name)));
  const message = journeys.map(({ name, to }) => `${name} to ${to.name}`).join(', ');
  const revision = await bench.commit(message, Object.fromEntries(journeys.map(({ name, to }) => [name, to])));
  const pings = journeys.map(({ number }) => bench.lab.link.traffic(guestAddress(number), PING_MS));
  let reports: readonly TrafficReport[];
  try {
    await bench.reconcile(revision);
    await Promise.all(journeys.map(({ number }) => bench.reachable(number)));
  } finally {
    reports = await Promise.all(pings.map((one) => one.stop()));
  }
  const moved: string[] = [];
  for (const one of before) {
    const journey = journeys.find(({ name }) => name === one.name);
    if (journey !== undefined) moved.push(await arrived(bench, one, journey));
  }
  return { detail: moved.join('; '), traffic: sum(reports) };
}

function sum(reports: readonly TrafficReport[]): TrafficReport {
  return reports.reduce((all, one) => ({
    sent: all.sent + one.sent,
    received: all.received + one.received,
    lost: all.lost + one.lost,
    longestSilenceMs: Math.max(all.longestSilenceMs, one.longestSilenceMs),
  }));
}

async function arrived(bench: Bench, before: Machine, { name, number, to }: Journey): Promise<string> {
  const now = await bench.machine(name);
  insist(now.host === to.name, `${name} is on ${now.host}`);
  same(before, now);
  // What libvirt lists may still have failed to be plugged: the guest says what it has seen since it came.
  const seen = `driver=igbvf mac=${guestMac(number)}`;
  await until(`the guest ${name} has not seen its function`, 120_000, async () =>
    (await to.console(name)).includes(seen),
  );
  await bench.free(bench.host(Number(before.host.slice(1))), deviceOf(before));
  return `${name}: ${before.host} ${deviceOf(before)} → ${now.host} ${deviceOf(now)}`;
}

/** The guest sees the same card in the same place. */
function same(before: Machine, now: Machine): void {
  const card = ({ assignments }: Machine): string =>
    assignments.map(({ claim, mac, guestAddress }) => `${claim} ${mac ?? '-'} ${guestAddress}`).join();
  insist(card(now) === card(before), `${now.name} had ${card(before)} and has ${card(now)}`);
  insist(card(now).startsWith(CLAIM) && card(now).endsWith(PLACE), `${now.name} has ${card(now)}`);
}

/** The copy is slower than the deadline allows: what was begun is taken back, and the function is plugged in again. */
async function tooSlow(bench: Bench, to: SriovHost) {
  const before = await bench.machine(DIRECT.name);
  await bench.commit(
    `${DIRECT.name} to ${to.name}, slowly`,
    { [DIRECT.name]: to },
    { bandwidthMibps: 1, baseSeconds: 25 },
  );
  const ended = await bench.berth('reconcile');
  insist(ended.status !== 0, `a move at 1 MiB/s succeeded within its deadline: ${ended.stdout}`);
  const outcome = await bench.migration();
  insist(/"code":"Aborted"/.test(outcome), `the migration ended otherwise: ${outcome}`);
  await stayed(bench, before);
  await bench.free(to, deviceOf(before));
  return { detail: `${DIRECT.name} stays on ${before.host} and has ${deviceOf(before)} again` };
}

/**
 * The target's processors, its memory and both its networks are gone at once, without a word. The guest never stopped on the source, so that
 * no other copy can run: it gets its function back there although nobody can ask the target, and nobody has to unlock anything.
 */
async function powerLoss(bench: Bench, to: SriovHost) {
  const before = await bench.machine(DIRECT.name);
  const source = bench.host(Number(before.host.slice(1)));
  const slow = { bandwidthMibps: 1 };
  await bench.commit(`${DIRECT.name} to ${to.name}, before the power fails`, { [DIRECT.name]: to }, slow);
  const pass = bench.berth('reconcile');
  await until('no memory is copied', 300_000, async () => {
    const { stdout } = await source.exec(['virsh', 'domjobinfo', DIRECT.name]);
    return /Data processed: +[1-9]/.test(stdout);
  });
  await to.kill();
  const killed = performance.now();
  const ended = await pass;
  const seconds = (performance.now() - killed) / 1000;
  insist(ended.status !== 0, `the move to a host without power succeeded: ${ended.stdout}`);
  const outcome = await bench.migration();
  insist(
    /"kind":"failed"/.test(outcome) && /"certain":true/.test(outcome),
    `the migration ended otherwise: ${outcome}`,
  );
  insist(ended.status !== EXIT.locked, `somebody has to unlock: ${ended.stdout}`);
  await stayed(bench, before);
  const now = await bench.machine(DIRECT.name);
  insist(deviceOf(now) === deviceOf(before), `${now.name} had ${deviceOf(before)} and has ${deviceOf(now)}`);
  return {
    detail: `${now.name} runs once, on ${now.host}, with ${deviceOf(now)}; the pass ended ${seconds.toFixed(0)} s later`,
  };
}

/** The power is back: what the broken move reserved is swept up, and the machine goes where the commit wants it, with nobody's leave. */
async function powerBack(bench: Bench, to: SriovHost) {
  await to.start();
  await to.booted();
  const revision = await bench.commit(`${DIRECT.name} to ${to.name}, with power`, { [DIRECT.name]: to });
  await bench.reconcile(revision);
  const now = await bench.machine(DIRECT.name);
  insist(now.host === to.name && now.assignments.length === 1, `${now.name} is on ${now.host} with ${deviceOf(now)}`);
  await bench.reachable(DIRECT.number);
  return { detail: `${now.name} is on ${now.host} and has ${deviceOf(now)}` };
}

/** The machine is where it was, with a function of its own, and answers. */
async function stayed(bench: Bench, before: Machine): Promise<void> {
  const now = await bench.machine(before.name);
  insist(now.host === before.host, `${now.name} is on ${now.host}`);
  same(before, now);
  await bench.reachable(DIRECT.number);
}
