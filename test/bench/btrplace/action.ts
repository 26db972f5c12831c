/** An action of a BtrPlace reconfiguration plan, in the form of its JSON. */
export type Action = {
  readonly start: number;
  readonly end: number;
  readonly hooks?: Readonly<Record<'PRE' | 'POST', readonly Allocation[]>>;
} & (
  | { readonly id: 'bootNode' | 'shutdownNode'; readonly node: number }
  | { readonly id: 'bootVM'; readonly vm: number; readonly to: number }
  | {
      readonly id: 'migrateVM' | 'resumeVM' | 'suspendVM';
      readonly vm: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly id: 'shutdownVM' | 'killVM'; readonly vm: number; readonly on?: number }
  | { readonly id: 'allocate'; readonly vm: number; readonly on: number; readonly rc: string; readonly amount: number }
);

/** More of a resource for a machine that comes to another node, with its action. */
export interface Allocation {
  readonly id: 'allocate';
  readonly rc: string;
  readonly vm: number;
  readonly amount: number;
}

/** An arrival that waits: a migration, a boot or a resumption. */
export interface Arrival {
  readonly machine: number;
  readonly id: 'migrateVM' | 'bootVM' | 'resumeVM';
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** The text of a plan: `origin` is the model of the instance, as it was read. */
export function planText(model: unknown, actions: readonly Action[]): string {
  return `{"origin":${JSON.stringify(model)},\n"actions":[\n${actions.map((action) => JSON.stringify(action)).join(',\n')}\n]}\n`;
}
