import type { Desired, DesiredHost, Host, Machine, Metric, World } from '../model/index.js';
import { deviceKey, isActive, isClaimed } from '../model/index.js';
import { paint } from './paint.js';
import type { Paint } from './paint.js';
import { percentText } from './quantity.js';
import { plain } from './escape.js';

const BAR = 10;

/** A picture of a cluster: its hosts by access group, with load, VFs in use, and the machines that run there. */
export function worldText(world: World, desired: Desired, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const written = new Map(desired.hosts.map((host) => [host.name, host]));
  const groups = [...desired.accessGroups.map((group) => group.name), null];
  const room = Math.max(0, ...world.hosts.map(({ name }) => plain(name).length));
  const blocks = groups.map((group) => {
    const hosts = world.hosts.filter((host) => (written.get(host.name)?.accessGroup ?? null) === group);
    if (hosts.length === 0) return [];
    const title = group === null ? 'in no access group' : `access group ${plain(group)}`;
    return [ink.bold(title), ...hosts.flatMap((host) => hostLines(ink, world, host, written.get(host.name), room))];
  });
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

function hostLines(
  ink: Paint,
  world: World,
  host: Host,
  written: DesiredHost | undefined,
  room: number,
): readonly string[] {
  const machines = world.machines.filter((machine) => machine.host === host.name);
  const facts = [
    host.state === 'up' ? '' : ink.red(host.state),
    written === undefined || written.maintenance === 'none' ? '' : ink.yellow(written.maintenance),
    ...(['cpu', 'memory'] as const).flatMap((metric) => {
      const value = latest(world, host.name, metric);
      return value === null ? [] : [`${metric} ${bar(ink, value)} ${percentText(value).padStart(5)}`];
    }),
    vfText(world, host),
  ];
  return [
    `  ${ink.bold(plain(host.name).padEnd(room))}  ${facts.filter((fact) => fact !== '').join('  ')}`,
    ...machines.map((machine) => `    ${machineText(ink, machine)}`),
    ...world.dummies
      .filter((dummy) => dummy.host === host.name)
      .map((dummy) => ink.dim(`    ◌ ${plain(dummy.name)} holds ${dummy.devices.map(plain).join(', ')}`)),
  ];
}

function machineText(ink: Paint, machine: Machine): string {
  const devices = machine.assignments.map(({ claim, device }) => `${plain(claim)}=${plain(device)}`).join(' ');
  const mark = isActive(machine) ? ink.green('●') : ink.dim('○');
  const state = machine.state === 'running' ? '' : `  (${machine.state})`;
  return `${mark} ${plain(machine.name).padEnd(12)} ${ink.dim(devices)}${state}`.trimEnd();
}

/** Newest window mean of a host's metric, or null when nothing was measured. */
function latest(world: World, host: string, metric: Metric): number | null {
  const samples = world.samples.filter(
    ({ subject, metric: kind }) => subject.kind === 'host' && subject.name === host && kind === metric,
  );
  return (
    samples.reduce<{ at: number; value: number } | null>(
      (best, sample) => (best === null || sample.at >= best.at ? sample : best),
      null,
    )?.value ?? null
  );
}

function bar(ink: Paint, ratio: number): string {
  const filled = Math.max(0, Math.min(BAR, Math.round(ratio * BAR)));
  const text = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  return ratio >= 0.8 ? ink.red(text) : ratio >= 0.6 ? ink.yellow(text) : ink.green(text);
}

function vfText(world: World, host: Host): string {
  const vfs = host.devices.filter((device) => device.function.kind === 'vf');
  if (vfs.length === 0) return '';
  const taken = new Set<string>([
    ...world.machines.flatMap((machine) =>
      machine.assignments.map(({ device }) => deviceKey({ host: machine.host, device })),
    ),
    ...world.reservations.filter(isClaimed).map(deviceKey),
  ]);
  const used = vfs.filter((vf) => taken.has(deviceKey({ host: host.name, device: vf.bdf }))).length;
  return `VFs ${used} of ${vfs.length}`;
}
