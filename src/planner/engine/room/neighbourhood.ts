import type { Instance } from '../instance.js';

/** host → the host itself and its cells. */
export function placesByHost({ hosts, hostOf }: Instance): readonly (readonly number[])[] {
  const found: number[][] = Array.from({ length: hosts }, () => []);
  hostOf.forEach((host, place) => found[host]?.push(place));
  return found;
}
