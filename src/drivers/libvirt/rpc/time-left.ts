/** Whole milliseconds that are left of so many since `began` (by `performance.now`), at least 1: messages quote them. */
export function msLeft(of: number, began: number): number {
  return Math.max(1, Math.ceil(of - (performance.now() - began)));
}
