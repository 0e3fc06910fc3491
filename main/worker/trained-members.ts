/** Trained tensors of the members of a job that only answers. */
import type { EvaluateJob } from '../contract/worker-protocol.ts';
import type { Placement } from '../method/method.ts';
import { emptyParameters, type Parameter } from '../train/parameter.ts';
import { loadTrained } from '../train/training-state.ts';

/** @returns the trained tensors of each member. @throws {Problem} `state-unreadable` */
export async function loadMembers({ members }: Pick<EvaluateJob, 'members'>, { trainables }: Placement): Promise<Parameter[][]> {
  const loaded: Parameter[][] = [];
  for (const { checkpointFile } of members) {
    if (checkpointFile === null) throw new Error('the bare model is evaluated alone');
    const parameters = emptyParameters(trainables);
    await loadTrained(checkpointFile, parameters);
    loaded.push(parameters);
  }
  return loaded;
}
