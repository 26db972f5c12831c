import { done, isActive, type HypervisorAction, type Outcome } from '../../model/index.js';
import type { ActionContext } from '../../ports/index.js';
import { definedDomain } from './domain/define.js';
import { cellRoom, domainType, read } from './domain/host-room.js';
import { Refused } from './errors.js';
import type { HostObservation } from './inventory/index.js';
import { openable, ownAddresses, roomFor } from './refusals.js';
import { isGone } from './plug.js';
import type { HostLink, Site } from './site.js';
import { printXml, type XmlElement } from './xml/index.js';

type Of<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** Defines a machine on a host and starts it. The host cannot know whether the machine runs elsewhere. */
export async function start(site: Site, { host, definition }: Of<'start'>): Promise<Outcome> {
  const link = site.link(host);
  const seen = await link.observe();
  const { name, devices } = definition;
  const there = seen.machines.find((one) => one.name === name);
  if (there?.state === 'incoming') throw new Refused('MachineBusy', `${name} is coming to host ${host}`);
  if (there !== undefined && isActive(there)) {
    const same = devices.every((device) => there.assignments.some((held) => held.device === device.device));
    if (same) return done('the machine runs already');
    throw new Refused('Conflict', `${name} runs with other devices`);
  }
  const opened = devices.map(({ device }) => openable(seen, device, name));
  ownAddresses(seen, devices, name);
  roomFor(seen, name, definition.memoryMiB);
  const capabilities = await link.calls.getCapabilities();
  const xml = definedDomain(
    await earlierDefinition(site, link, name),
    definition,
    {
      type: domainType(capabilities),
      image: site.settings.image?.replaceAll('{machine}', name) ?? null,
      functions: new Map(opened.map((device) => [device.bdf, device])),
      cell: definition.numaNode === null ? null : cellRoom(capabilities, definition.numaNode, seen, name),
    },
    site.backing,
  );
  for (const device of opened) await site.backing.prepare(link.calls, device);
  const domain = await link.calls.defineXml(printXml(xml));
  try {
    await link.calls.create(domain);
  } catch (error) {
    if (there === undefined) await link.calls.undefine(domain).catch(() => undefined);
    throw error;
  }
  return done(`${name} runs on ${host}`);
}

/** The definition on this host, else that of a host that has one: the machine is to be the same wherever it runs. */
async function earlierDefinition(site: Site, here: HostLink, machine: string): Promise<XmlElement | null> {
  for (const link of [here, ...site.links.filter((one) => one !== here)]) {
    const found = (await site.look(link))?.domains.get(machine);
    if (found === undefined || found.domain.metadata.dummy !== null) continue;
    try {
      return read(await link.calls.getXml(found.figures.domain, ['inactive', 'migratable', 'secure']));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return null;
}

const LOOK_AGAIN_MS = 500;

/** Stops a machine: its guest is asked to shut down, and ended when it does not. The definition stays. */
export async function stop(site: Site, { host, machine }: Of<'stop'>, { signal }: ActionContext): Promise<Outcome> {
  const link = site.link(host);
  const seen = await link.observe();
  const found = runningDomain(seen, machine);
  if (found === null) return done('the machine does not run here');
  if (!(await link.calls.isPersistent(found)))
    await link.calls.defineXml(await link.calls.getXml(found, ['inactive', 'migratable', 'secure']));
  const deadline = site.clock.now() + site.settings.shutdownSeconds * 1000;
  if (site.settings.shutdownSeconds > 0) await link.calls.shutdown(found);
  while (site.clock.now() < deadline && !signal.aborted) {
    if (!(await link.calls.isActive(found))) return done(`${machine} has shut down`);
    await site.clock.sleep(LOOK_AGAIN_MS);
  }
  // Asked to stop in the middle of waiting: the guest was told to go down, and whoever asked finds out whether it did.
  if (signal.aborted) throw new Refused('Aborted', `${machine} was asked to shut down and has not done so yet`);
  await link.calls.destroy(found).catch((error: unknown) => {
    if (!isStoppedAlready(error)) throw error;
  });
  return done(`${machine} is stopped`);
}

function runningDomain(seen: HostObservation, machine: string) {
  const copy = seen.machines.find((one) => one.name === machine);
  const found = seen.domains.get(machine);
  if (copy === undefined || found === undefined || copy.state === 'stopped') return null;
  if (copy.state === 'incoming' || copy.job !== null) throw new Refused('MachineBusy', `${machine} is migrating`);
  return found.figures.domain;
}

function isStoppedAlready(error: unknown): boolean {
  return isGone(error) || (error instanceof Error && /domain is not running/i.test(error.message));
}

/** Forgets a stopped machine. */
export async function undefine(site: Site, { host, machine }: Of<'undefine'>): Promise<Outcome> {
  const link = site.link(host);
  const seen = await link.observe();
  const copy = seen.machines.find((one) => one.name === machine);
  const found = seen.domains.get(machine);
  if (copy === undefined || found === undefined) return done('the machine is not defined here');
  if (copy.state !== 'stopped') throw new Refused('MachineBusy', `${machine} is ${copy.state}`);
  await link.calls
    .undefine(found.figures.domain, ['managedSave', 'snapshotsMetadata', 'checkpointsMetadata', 'keepNvram'])
    .catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  return done(`${machine} is forgotten`);
}
