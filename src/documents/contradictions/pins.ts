import { problem, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';
import { list, type Confinement, type Confinements } from './confinement.js';

/** Machines that pins and bans leave no host, or only hosts that are being drained. */
export function pinContradictions({ desired, catalog }: Resolved, confinements: Confinements): readonly Problem[] {
  const drained = new Set(desired.hosts.filter((host) => host.maintenance === 'drain').map((host) => host.name));
  return confinements.all.flatMap((confinement) => {
    const { hosts, reasons } = confinement;
    if (hosts.size === 0 && desired.hosts.length > 0) return [nowhere(confinement)];
    const pinned = reasons.some(({ kind }) => kind !== 'ban');
    if (!pinned || ![...hosts].every((host) => drained.has(host))) return [];
    const places = [...hosts].flatMap((host) => catalog.place('Host', host, '/spec/maintenance') ?? []);
    return [
      problem({
        code: 'PinToDrainedHost',
        message: `${who(confinement)} may only be on ${list([...hosts])}, which is drained`,
        hint: 'take the pin away until the drain is over, or do not drain the host',
        place: reasons[0]?.place ?? null,
        related: places.slice(0, 3).map((place) => ({ message: 'drained here', place })),
      }),
    ];
  });
}

function nowhere(confinement: Confinement): Problem {
  const { reasons } = confinement;
  const banned = reasons.some(({ kind }) => kind === 'ban');
  return problem({
    code: banned ? 'PinAgainstBan' : 'PinAgainstPin',
    message: `${who(confinement)} may be on no host: ${banned ? 'the bans leave none' : 'the pins have none in common'}`,
    hint: banned ? 'take the host out of the pin or out of the ban' : 'let the pins have a host in common',
    place: reasons[0]?.place ?? null,
    related: reasons.slice(1, 4).map(({ message, place }) => ({ message, place })),
  });
}

function who({ machines }: Confinement): string {
  return `the machine${machines.length > 1 ? 's' : ''} ${list(machines.map((machine) => machine.name))}`;
}
