import { done, type HypervisorAction, type Machine, type Outcome } from '../../model/index.js';
import type { ActionContext } from '../../ports/index.js';
import { placed } from './domain/define.js';
import { read } from './domain/host-room.js';
import { Refused } from './errors.js';
import { metadataValue, METADATA_NAMESPACE, METADATA_PREFIX, type HeldDevice } from './inventory/index.js';
import { openable, ownAddresses, settledMachine } from './refusals.js';
import { LibvirtError, type LibvirtEvent } from './rpc/index.js';
import type { HostLink, Site } from './site.js';
import { edit, isElement, printXml, withChildren, type XmlElement } from './xml/index.js';

type Of<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** Writes the replacements into the metadata of the running machine, where the next controller finds them as well. */
export async function reconfigure(site: Site, action: Of<'reconfigure'>): Promise<Outcome> {
  const link = site.link(action.host);
  const { domain, figures } = settledMachine(await link.observe(), action.machine);
  const metadata = metadataValue({ ...domain.metadata, staged: action.replacements });
  await link.calls.setMetadata({
    domain: figures.domain,
    kind: 'element',
    namespace: METADATA_NAMESPACE,
    prefix: METADATA_PREFIX,
    value: printXml(metadata),
    impact: ['live'],
  });
  return done(`${action.machine} knows of ${action.replacements.length} replacements`);
}

/**
 * Asks the guest to let go of a device, and waits until it has. The definition keeps the device, so that a machine that is started anew
 * meanwhile has it, and so that what is attached later is as this one was.
 */
export async function detach(site: Site, action: Of<'detach'>, { signal }: ActionContext): Promise<Outcome> {
  const link = site.link(action.host);
  const seen = await link.observe();
  if (seen.dummies.some((one) => one.name === action.machine))
    throw new Refused('Conflict', `${action.machine} is a dummy: it is decommissioned, nothing is detached from it`);
  const { domain, figures, machine } = settledMachine(seen, action.machine);
  const held = domain.devices.find((one) => one.device === action.device);
  if (held === undefined) return done('the device is detached already');
  const refused = { is: false };
  const watch = (notice: LibvirtEvent | { readonly kind: 'resync' }): void => {
    if (notice.kind === 'deviceRemovalFailed' && notice.alias === held.alias && notice.domain.uuid === domain.uuid)
      refused.is = true;
  };
  const stop = await link.calls.subscribe(['deviceRemovalFailed'], watch);
  try {
    await link.calls.detachDevice({ domain: figures.domain, xml: printXml(held.element), flags: ['live'] });
    if (machine.state === 'paused') return done('the request was sent; a paused guest does not answer it');
    await untilGone(site, link, action, () => refused.is || signal.aborted);
  } finally {
    stop();
  }
  return done(`${action.machine} let go of ${action.device}`);
}

const LOOK_AGAIN_MS = 250;

async function untilGone(site: Site, link: HostLink, action: Of<'detach'>, isOver: () => boolean): Promise<void> {
  const deadline = site.clock.now() + site.settings.unplugSeconds * 1000;
  for (;;) {
    const machine = (await link.observe()).machines.find((one) => one.name === action.machine);
    if (machine?.assignments.some((one) => one.device === action.device) !== true) return;
    if (isOver() || site.clock.now() >= deadline)
      throw new Refused('UnplugIgnored', `the guest of ${action.machine} did not let go of ${action.device}`);
    await site.clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Plugs a device into a running machine, and puts it into its definition. */
export async function attach(site: Site, action: Of<'attach'>): Promise<Outcome> {
  const link = site.link(action.host);
  const seen = await link.observe();
  const { figures, machine } = settledMachine(seen, action.machine);
  if (machine.assignments.find((one) => one.claim === action.claim)?.device === action.device)
    return done('the device is attached already');
  refuseTaken(machine, action);
  const device = openable(seen, action.device, action.machine);
  ownAddresses(seen, [action], action.machine);
  await site.backing.prepare(link.calls, device);
  const isPersistent = await link.calls.isPersistent(figures.domain);
  const definition = isPersistent ? read(await link.calls.getXml(figures.domain, ['inactive', 'secure'])) : null;
  const before = definition === null ? undefined : claimIn(site, definition, action.claim);
  const element =
    before === undefined
      ? site.backing.element({ ...action, device, managed: true })
      : placed(site.backing.redirect(before, action), action.guestAddress);
  await link.calls.attachDevice({ domain: figures.domain, xml: printXml(element), flags: ['live'] });
  if (definition !== null) await link.calls.defineXml(printXml(withDevice(definition, before, element)));
  return done(`${action.machine} has ${action.device}`);
}

function refuseTaken({ name, assignments }: Machine, action: Of<'attach'>): void {
  const there = assignments.find((one) => one.claim === action.claim);
  if (there !== undefined) throw new Refused('Conflict', `claim ${there.claim} of ${name} has ${there.device}`);
  const neighbour = assignments.find((one) => one.guestAddress === action.guestAddress);
  if (neighbour !== undefined && action.guestAddress !== '')
    throw new Refused('Conflict', `${action.guestAddress} in ${name} is taken by ${neighbour.claim}`);
}

function claimIn(site: Site, definition: XmlElement, claim: string): HeldDevice | undefined {
  return site.backing.held(definition, '', () => undefined).find((one) => one.claim === claim);
}

function withDevice(definition: XmlElement, before: HeldDevice | undefined, element: XmlElement): XmlElement {
  return edit(definition, ['devices'], (all) =>
    withChildren(all, [...all.children.filter((one) => !isElement(one) || one !== before?.element), element]),
  );
}

/** True for the answer of a host that knows no such domain. */
export function isGone(error: unknown): boolean {
  return error instanceof LibvirtError && error.codeName === 'noDomain';
}
