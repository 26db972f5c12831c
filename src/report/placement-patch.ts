import jsonPatch, { type Operation } from 'fast-json-patch';
import { isActive } from '../model/index.js';
import type { Plan, World } from '../model/index.js';

/** Where machines are and which device fills which claim, keyed by name so that a difference names what it is about. */
interface Placement {
  readonly machines: Readonly<
    Record<string, { readonly host: string; readonly devices: Readonly<Record<string, string>> }>
  >;
}

/** The placement as it is observed. */
function observedPlacement(world: World): Placement {
  const active = world.machines.filter(isActive).map(({ name, host, assignments }) => {
    const devices = Object.fromEntries(assignments.map(({ claim, device }) => [claim, device]));
    return [name, { host, devices }] as const;
  });
  return { machines: Object.fromEntries(active) };
}

/** The placement after a plan that was made of `world`. */
function plannedPlacement(world: World, plan: Plan): Placement {
  const moved = plan.moves.map(({ machine, to, assignments }) => {
    const devices = Object.fromEntries(assignments.map((assignment) => [assignment.claim, assignment.to]));
    return [machine, { host: to, devices }] as const;
  });
  return { machines: { ...observedPlacement(world).machines, ...Object.fromEntries(moved) } };
}

/**
 * JSON Patch (RFC 6902) from one placement to another: from what is observed to what `head` makes of it, or, with `base`, from what one plan
 * makes of it to what the other does. Paths are `/machines/NAME/host` and `/machines/NAME/devices/CLAIM`.
 */
export function placementPatch(world: World, base: Plan | null, head: Plan): readonly Operation[] {
  const from = base === null ? observedPlacement(world) : plannedPlacement(world, base);
  return jsonPatch.compare(from, plannedPlacement(world, head));
}
