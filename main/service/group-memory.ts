/** What runs that train together will take: as estimated, and as a like run on this machine took. */
import { isDeepStrictEqual } from 'node:util';
import type { RunInput } from '../store/run-inputs-table.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readRunConfig } from './run-config.ts';
import { estimateRunMemory, type RunMemory } from './run-memory.ts';

const mostRuns = 60;

/**
 * Reads the runs' data files.
 * @param given the inputs of runs that have no row yet.
 * @returns null where too little is known of the model.
 */
export async function estimateGroupMemory(workspace: ReadableWorkspace, runs: readonly Run[], given?: readonly RunInput[]): Promise<RunMemory | null> {
  const [first] = runs;
  const inputs = given ?? (first === undefined ? [] : workspace.runInputs.list(first.id));
  const model = first === undefined ? null : workspace.models.find(first.model);
  if (first === undefined || model === null) return null;
  const memory = await estimateRunMemory({
    model, method: first.method, format: first.task, config: readRunConfig(first), inputs, members: runs.length,
  });
  return memory === null ? null : { ...memory, measuredBytes: findMeasured(workspace, first, { inputs, members: runs.length }) };
}

/** The peak of runs that differ in their seeds only. */
function findMeasured(workspace: ReadableWorkspace, run: Run, { inputs, members }: { inputs: readonly RunInput[]; members: number }): number | null {
  const wanted = hashesOf(inputs);
  const peaks = workspace.runPages.listFinished({ method: run.method, model: run.model, limit: mostRuns })
    .filter((other) => isDeepStrictEqual(other.config, run.config) && other.task === run.task && isDeepStrictEqual(hashesOf(workspace.runInputs.list(other.id)), wanted))
    .filter((other) => workspace.runs.listGroup(other.id).length === members)
    .flatMap(({ finalMetrics }) => finalMetrics?.['peakMemoryBytes'] ?? []);
  return peaks.length === 0 ? null : Math.max(...peaks);
}

function hashesOf(files: readonly RunInput[]): string[] {
  return files.map(({ role, sha256 }) => `${role} ${sha256}`);
}
