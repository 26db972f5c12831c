import { problem, readShape, worldShape } from '../model/index.js';
import type { Result, World } from '../model/index.js';

/** The observed world as it is kept on the status branch. */
export function encodeWorld(world: World): string {
  return `${JSON.stringify(world, null, 2)}\n`;
}

/** Reads `observed.json`, so that a plan can be made without a hypervisor. Unknown keys are ignored. */
export function decodeWorld(text: string): Result<World> {
  const read = readShape(worldShape, parseJson(text));
  if (read.ok) return { ok: true, value: read.value, warnings: [] };
  const message = `the observed world is damaged: ${read.fault}`;
  const hint = 'let the reconciler write it again, or observe the hypervisors';
  return { ok: false, problems: [problem({ code: 'InvalidWorld', message, hint })] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
