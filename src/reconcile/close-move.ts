import { record, type Run } from './acting.js';
import type { Ended, MoveRun } from './move-run.js';

/** Writes down how a move has ended, and tells it. After a freeze nobody acts until it is lifted. */
export async function closeMove(run: Run, of: MoveRun, ended: Ended): Promise<void> {
  const { machine, id } = of.move;
  const { result, message } = ended;
  const at = () => run.ports.clock.now();
  if (ended.result === 'frozen') {
    await record(run, { kind: 'frozen', reason: ended.reason, message, machine });
    run.onProgress({ kind: 'frozen', at: at(), machine, message });
  }
  await record(run, { kind: 'move-ended', planHash: run.plan.planHash, move: id, result, message });
  of.ended = ended;
  run.onProgress({ kind: 'move-ended', at: at(), move: id, result, message });
}
