import * as connect from '../../../../src/drivers/libvirt/rpc/codecs/connect.js';
import * as device from '../../../../src/drivers/libvirt/rpc/codecs/device.js';
import * as domain from '../../../../src/drivers/libvirt/rpc/codecs/domain.js';
import * as job from '../../../../src/drivers/libvirt/rpc/codecs/job.js';
import * as life from '../../../../src/drivers/libvirt/rpc/codecs/life.js';
import * as migration from '../../../../src/drivers/libvirt/rpc/codecs/migration.js';
import * as nodeDevice from '../../../../src/drivers/libvirt/rpc/codecs/node-device.js';
import * as node from '../../../../src/drivers/libvirt/rpc/codecs/node.js';
import * as stats from '../../../../src/drivers/libvirt/rpc/codecs/stats.js';
import type { Procedure } from '../../../../src/drivers/libvirt/rpc/procedure.js';

function isProcedure(value: unknown): value is Procedure<never, unknown> {
  return typeof value === 'object' && value !== null && 'read' in value && 'number' in value;
}

/** Every call that this client has. */
export const everyProcedure: readonly Procedure<never, unknown>[] = [
  connect,
  device,
  domain,
  job,
  life,
  migration,
  nodeDevice,
  node,
  stats,
].flatMap((module) => Object.values<unknown>(module).filter(isProcedure));
