import type { FabricAction, Forward, Outcome, SwitchPort } from '../model/index.js';
import type { ActionContext } from './hypervisor.js';

/**
 * The network around the hosts: switch ports, VF attributes on the PF, announcements, forwarding.
 * Same contract as {@link Hypervisor}: idempotent, never throws for what the other side can say.
 * `announce` answers `done` only when the switch has learned the address on the target's port.
 */
export interface Fabric {
  observe(): Promise<{ readonly switchPorts: readonly SwitchPort[]; readonly forwards: readonly Forward[] }>;
  perform(action: FabricAction, context: ActionContext): Promise<Outcome>;
}
