import type { Action, Mac, Plan, Step } from '../../../src/model/index.js';

/** Another plan, with one thing wrong. */
export type Corruption = (plan: Plan) => Plan;

/** Changes the step that the id names; throws when there is none, so that no corruption misses. */
export function changeStep(id: string, change: (step: Step) => Partial<Step>): Corruption {
  return (plan) => {
    const step = plan.steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw new Error(`no step ${id} among ${plan.steps.map((known) => known.id).join(', ')}`);
    return { ...plan, steps: plan.steps.map((other) => (other === step ? { ...step, ...change(step) } : other)) };
  };
}

/** Takes a step out; what waited for it waits for what it waited for. */
export function dropStep(id: string): Corruption {
  return (plan) => {
    const dropped = plan.steps.find((step) => step.id === id);
    if (dropped === undefined) throw new Error(`no step ${id}`);
    const steps = plan.steps
      .filter((step) => step !== dropped)
      .map((step) => ({
        ...step,
        dependsOn: step.dependsOn.flatMap((other) => (other === id ? dropped.dependsOn : [other])),
      }));
    return { ...plan, steps, waves: steps.map((step) => [step.id]) };
  };
}

/** Two neighbouring steps of a chain trade places. */
export function swapSteps(earlier: string, later: string): Corruption {
  return (plan) => {
    const trade = (id: string): string => (id === earlier ? later : id === later ? earlier : id);
    const awaited = new Map(plan.steps.map((step) => [trade(step.id), step.dependsOn.map(trade)]));
    return { ...plan, steps: plan.steps.map((step) => ({ ...step, dependsOn: awaited.get(step.id) ?? [] })) };
  };
}

/** A step begins as soon as the step before its predecessor is done. */
export function dropDependency(id: string): Corruption {
  return (plan) => {
    const step = plan.steps.find((candidate) => candidate.id === id);
    const skipped = plan.steps.filter((candidate) => step?.dependsOn.includes(candidate.id));
    return changeStep(id, () => ({ dependsOn: skipped.flatMap((candidate) => candidate.dependsOn) }))(plan);
  };
}

/** Every action, forth and back, is changed. */
export function changeActions(change: (action: Action) => Action): Corruption {
  return (plan) => ({
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, actions: step.actions.map(change), undo: step.undo.map(change) })),
  });
}

/** The dummies carry this address. */
export function dummyMac(mac: Mac): Corruption {
  return changeActions((action) => (action.kind === 'commission' ? { ...action, mac } : action));
}

/** The actions of one step, forth only, are changed. */
export function changeActionsOf(id: string, change: (action: Action) => Action): Corruption {
  return changeStep(id, (step) => ({ actions: step.actions.map(change) }));
}
