import type { Action, Step } from '../model/index.js';
import type { Run } from './acting.js';
import type { Failure, MoveRun } from './move-run.js';
import { answering, observe } from './observe.js';
import { CAUTIOUS, perform } from './perform.js';
import { markLost } from './reservations.js';

type Commission = Action & { port: 'hypervisor'; kind: 'commission' };

/**
 * A dummy that was killed frees its device without a word. Those that should stand by now are looked for; a missing one is
 * written down as lost and taken again. Answers with a failure when somebody else was faster.
 */
export async function retakeLostDummies(run: Run, of: MoveRun): Promise<Failure | null> {
  const expected = of.steps.filter((step) => of.done.has(step.id)).flatMap(dummiesOf);
  if (expected.length === 0) return null;
  const world = await observe(run.ports);
  for (const { step, commission } of expected) {
    const stands = world.dummies.some((dummy) => dummy.host === commission.host && dummy.name === commission.dummy);
    if (stands || answering(world, commission.host) === undefined || isGivenUp(of, commission)) continue;
    for (const device of commission.devices) await markLost(run.ports.ledger, { host: commission.host, device });
    for (const index of step.actions.keys()) {
      const { effect, outcome } = await perform(run, step, index, 'do', CAUTIOUS);
      if (effect !== 'present' && outcome.kind !== 'done') return { code: outcome.code, message: outcome.message };
    }
  }
  return null;
}

function dummiesOf(step: Step): readonly { readonly step: Step; readonly commission: Commission }[] {
  return step.actions
    .filter((action): action is Commission => action.port === 'hypervisor' && action.kind === 'commission')
    .map((commission) => ({ step, commission }));
}

/** The move itself has begun to take the dummy away. */
function isGivenUp(of: MoveRun, commission: Commission): boolean {
  return of.begun.some((step) =>
    step.actions.some(
      (action) =>
        action.port === 'hypervisor' &&
        action.kind === 'decommission' &&
        action.host === commission.host &&
        action.dummy === commission.dummy,
    ),
  );
}
