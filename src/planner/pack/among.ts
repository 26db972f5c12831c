import type { View } from '../view.js';

/**
 * The view with those machines only that matter to a search, and those that rules bind to them: packed, all others are part of what is
 * used already. A packing of a few machines takes time by their number, not by the cluster's.
 */
export function among(view: View, names: ReadonlySet<string>): View {
  const bound = new Set(names);
  for (const rule of view.desired.rules) {
    if (rule.machines.some((name) => names.has(name))) for (const name of rule.machines) bound.add(name);
  }
  return { ...view, machines: new Map([...view.machines].filter(([name]) => bound.has(name))) };
}
