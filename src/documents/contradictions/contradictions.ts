import type { Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';
import { addressContradictions } from './addresses.js';
import { apartContradictions } from './apart.js';
import { capacityContradictions } from './capacity.js';
import { Confinements } from './confinement.js';
import { connectionContradictions } from './connection.js';
import { goalContradictions } from './goals.js';
import { pinContradictions } from './pins.js';
import { strategyContradictions } from './strategies.js';
import { togetherContradictions } from './together.js';

/** What cannot all be kept, seen from the documents alone; each problem names both places. */
export function contradictions(resolved: Resolved): readonly Problem[] {
  const confinements = new Confinements(resolved.desired);
  return [
    ...connectionContradictions(resolved),
    ...addressContradictions(resolved),
    ...pinContradictions(resolved, confinements),
    ...apartContradictions(resolved, confinements),
    ...togetherContradictions(resolved, confinements),
    ...capacityContradictions(resolved, confinements),
    ...strategyContradictions(resolved),
    ...goalContradictions(resolved),
  ];
}
