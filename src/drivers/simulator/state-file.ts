import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Scenario } from './scenario.js';
import type { ClusterState } from './state.js';

const FORMAT = 1;

/** Thrown when the file of a simulated cluster cannot be read; the message says what to do. */
export class SimulatorStateDamage extends Error {
  override readonly name = 'SimulatorStateDamage';
}

interface Kept {
  readonly scenario: Scenario;
  readonly state: ClusterState;
}

/** The file that a simulated cluster lives in between commands; it is replaced whole, so that a reader never sees half of it. */
export class StateFile {
  #scenario: { readonly value: Scenario; readonly text: string } | null = null;
  #seen = '';

  constructor(readonly path: string) {}

  /** What the file holds; null when there is none yet. */
  read(): Kept | null {
    if (!existsSync(this.path)) return null;
    this.#seen = this.#stamp();
    return parse(this.path, readFileSync(this.path, 'utf8'));
  }

  /** The state when another process has written it since; null when nobody has. */
  reload(): ClusterState | null {
    return this.#stamp() === this.#seen ? null : (this.read()?.state ?? null);
  }

  write(scenario: Scenario, state: ClusterState): void {
    if (this.#scenario?.value !== scenario) this.#scenario = { value: scenario, text: JSON.stringify(scenario) };
    mkdirSync(dirname(this.path), { recursive: true });
    const next = `${this.path}.${process.pid}.next`;
    writeFileSync(
      next,
      `{"format":${FORMAT},"at":${state.at},"scenario":${this.#scenario.text},"state":${JSON.stringify(state)}}\n`,
    );
    renameSync(next, this.path);
    this.#seen = this.#stamp();
  }

  #stamp(): string {
    const stat = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
  }
}

/** The virtual time that a saved cluster has reached, epoch milliseconds; null when there is no file. */
export function savedTime(path: string): number | null {
  return new StateFile(path).read()?.state.at ?? null;
}

function parse(path: string, text: string): Kept {
  const damaged = (what: string): never => {
    throw new SimulatorStateDamage(`${path}: ${what}; remove the file to start the simulated cluster anew`);
  };
  try {
    const kept = JSON.parse(text) as { format?: unknown } & Kept;
    return kept.format === FORMAT ? kept : damaged(`format ${String(kept.format)} is not known`);
  } catch (error) {
    if (error instanceof SyntaxError) return damaged('it is no complete JSON text');
    throw error;
  }
}
