import type { Problem } from '../model/index.js';

/** Problems for scripts: a JSON list that ends in a newline. */
export function problemsJson(problems: readonly Problem[]): string {
  return `${JSON.stringify(problems, null, 2)}\n`;
}
