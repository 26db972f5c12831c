/** What the process says to its caller by its exit code; `berth --help` prints the same table. */
export const EXIT = { ok: 0, error: 1, changes: 2, denied: 3, stale: 4, locked: 5, usage: 64 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Meaning of each exit code, for people. */
const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.ok, 'done; for plan --detailed-exitcode and diff: nothing to change'],
  [EXIT.error, 'an error; for diff: there is a difference'],
  [EXIT.changes, 'plan --detailed-exitcode: there are changes; for diff: an error'],
  [EXIT.denied, 'denied by policy: blast radius, approval, window, or a plan that the checker rejects'],
  [EXIT.stale, 'the plan or its approval is stale: commit or cluster changed since'],
  [EXIT.locked, 'locked by another berth, suspended, or frozen until an operator unlocks it'],
  [EXIT.usage, 'the command line is wrong'],
];

/** The exit codes as a block of help text. */
export function exitCodesText(): string {
  const lines = EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`);
  return ['', 'Exit codes:', ...lines].join('\n');
}
