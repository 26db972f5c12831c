/** What plans and places are judged by; each is better the smaller it is. */
export const OBJECTIVE_NAMES = [
  'overload',
  'imbalance',
  'migration',
  'fragmentation',
  'groupCrossing',
  'hostsInUse',
] as const;

export type Objective = (typeof OBJECTIVE_NAMES)[number];
