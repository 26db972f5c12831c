import { problem } from '../../model/index.js';
import type { Plan, Problem, Step } from '../../model/index.js';

/** The steps of a plan by number, in an order that respects `dependsOn`. */
export interface StepGraph {
  readonly steps: readonly Step[];
  /** For each step the numbers of those that it waits for. */
  readonly waitsFor: readonly (readonly number[])[];
  /** Step numbers, each after all that it waits for. */
  readonly sequence: readonly number[];
  /** For each step its index in `sequence`. */
  readonly position: Uint32Array;
}

/** The graph of the plan's steps, or why it is none: ids that are double, that lead nowhere, or that wait for each other. */
export function readGraph(plan: Plan): { readonly graph: StepGraph; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const numbers = new Map<string, number>();
  const moves = new Set<string>();
  for (const move of plan.moves) {
    if (moves.has(move.id))
      problems.push(problem({ code: 'DuplicateMove', message: `two moves have the id ${move.id}` }));
    moves.add(move.id);
  }
  for (const [number, step] of plan.steps.entries()) {
    if (numbers.has(step.id))
      problems.push(problem({ code: 'DuplicateStep', message: `two steps have the id ${step.id}` }));
    numbers.set(step.id, number);
    if (!moves.has(step.move)) {
      problems.push(
        problem({ code: 'UnknownMove', message: `step ${step.id} belongs to ${step.move}, which is no move` }),
      );
    }
  }
  const resolve = (id: string, by: string): readonly number[] => {
    const number = numbers.get(id);
    if (number !== undefined) return [number];
    problems.push(problem({ code: 'UnknownStep', message: `${by} names the step ${id}, which does not exist` }));
    return [];
  };
  const waitsFor = plan.steps.map((step) => [
    ...new Set(step.dependsOn.flatMap((id) => resolve(id, `step ${step.id}`))),
  ]);
  for (const [wave, ids] of plan.waves.entries()) for (const id of ids) resolve(id, `wave ${wave + 1}`);

  const sequence = topological(waitsFor);
  if (sequence.length < plan.steps.length) {
    const sorted = new Set(sequence);
    const stuck = plan.steps.filter((_step, number) => !sorted.has(number)).map((step) => step.id);
    const named = stuck.slice(0, 5).join(', ');
    problems.push(
      problem({ code: 'CyclicSteps', message: `${stuck.length} steps wait for each other, such as ${named}` }),
    );
  }
  const position = new Uint32Array(plan.steps.length);
  for (const [index, number] of sequence.entries()) position[number] = index;
  return { graph: { steps: plan.steps, waitsFor, sequence, position }, problems };
}

function topological(waitsFor: readonly (readonly number[])[]): readonly number[] {
  const followers = waitsFor.map((): number[] => []);
  const open = waitsFor.map((earlier, number) => {
    for (const other of earlier) followers[other]?.push(number);
    return earlier.length;
  });
  const sequence = open.flatMap((count, number) => (count === 0 ? [number] : []));
  for (const number of sequence) {
    for (const follower of followers[number] ?? []) {
      const left = (open[follower] ?? 0) - 1;
      open[follower] = left;
      if (left === 0) sequence.push(follower);
    }
  }
  return sequence;
}
