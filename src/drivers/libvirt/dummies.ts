import { done, type HypervisorAction, type Outcome } from '../../model/index.js';
import { printXml } from './xml/index.js';
import { dummyDomain } from './domain/dummy.js';
import { domainType } from './domain/host-room.js';
import { Refused } from './errors.js';
import { tellGuard } from './guard-ledger.js';
import { openable } from './refusals.js';
import { LibvirtError } from './rpc/index.js';
import type { Site } from './site.js';

type Of<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** Starts a paused domain that holds devices. It is transient: when it ends, nothing of it is left. */
export async function commission(site: Site, action: Of<'commission'>): Promise<Outcome> {
  const link = site.link(action.host);
  const seen = await link.observe();
  const there = seen.dummies.find((one) => one.name === action.dummy);
  if (there?.reservation === action.reservation && action.devices.every((one) => there.devices.includes(one)))
    return done('the dummy stands already');
  if (seen.domains.has(action.dummy))
    throw new Refused('MachineExists', `there is another ${action.dummy} on host ${action.host}`);
  const devices = action.devices.map((bdf) => openable(seen, bdf, action.dummy));
  const names = [action.dummy, action.machine];
  await tellGuard(
    link,
    seen,
    action.devices.flatMap((device) => names.map((domain) => ({ device, domain }))),
  );
  for (const device of devices) await site.backing.prepare(link.calls, device);
  const mark = {
    reservation: action.reservation,
    machine: action.machine,
    expiresAt: site.clock.now() + action.ttlSeconds * 1000,
    mac: action.mac,
  };
  const xml = dummyDomain(
    {
      name: action.dummy,
      type: domainType(await link.calls.getCapabilities()),
      devices: devices.map((device, index) => ({ claim: `held-${index}`, device })),
      mac: action.mac,
      mark,
    },
    site.backing,
  );
  await link.calls.createXml(printXml(xml), ['paused']);
  return done(`${action.dummy} holds ${action.devices.join(', ')}`);
}

/** Ends a dummy, and only one of ours. */
export async function decommission(site: Site, { host, dummy }: Of<'decommission'>): Promise<Outcome> {
  const link = site.link(host);
  const found = (await link.observe()).domains.get(dummy);
  if (found === undefined) return done('there is no such dummy');
  if (found.domain.metadata.dummy === null)
    throw new Refused('Conflict', `${dummy} on host ${host} is no dummy of Berth; it is left alone`);
  await link.calls.destroy(found.figures.domain).catch((error: unknown) => {
    if (!(error instanceof LibvirtError && error.codeName === 'noDomain')) throw error;
  });
  return done(`${dummy} is gone`);
}
