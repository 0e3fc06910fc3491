/**
 * The states of runs that are trained together. Each run's lies in its own folder, as if it had been trained alone; several are replaced
 * in two steps, so that a kill leaves a state of the same moment in every folder: first all new ones are written beside the old ones, then
 * each takes its old one's place. Runs that share passes must go on from the same moment to get the numbers that they would have got.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '../store/atomic-file.ts';
import { readStatePosition } from '../train/training-state.ts';

const stateFile = 'state.safetensors';
const stagedFile = 'state-next.safetensors';

/** @returns where a run's state lies, if it has one. */
export function statePath(runDirectory: string): string {
  return join(runDirectory, stateFile);
}

export function replaceStates(states: readonly { runDirectory: string; bytes: Uint8Array }[]): void {
  const [only, ...others] = states;
  if (only !== undefined && others.length === 0) return void writeFileAtomicSync(statePath(only.runDirectory), only.bytes);
  for (const { runDirectory, bytes } of states) writeFileAtomicSync(join(runDirectory, stagedFile), bytes);
  for (const { runDirectory } of states) renameSync(join(runDirectory, stagedFile), statePath(runDirectory));
}

interface SavedState {
  /** Null for the beginning of a run that has saved nothing yet. */
  readonly file: string | null;
  /** Grows with every step and with every evaluation. */
  readonly position: number;
}

/**
 * Finishes or undoes what a kill interrupted: every run is left with one state, of the latest moment that all of them have reached; one
 * that has none of that moment keeps its latest.
 * @throws {Problem} `state-unreadable`
 */
export async function settleStates(runDirectories: readonly string[]): Promise<void> {
  const found: SavedState[][] = [];
  for (const directory of runDirectories) found.push(await findStates(directory));
  const agreed = Math.min(...found.map((states) => Math.max(...states.map(({ position }) => position))));
  for (const [i, states] of found.entries()) {
    const directory = runDirectories[i] ?? '';
    const chosen = states.find(({ position }) => position === agreed) ?? states.toSorted((a, b) => b.position - a.position)[0];
    if (chosen?.file === join(directory, stagedFile)) renameSync(chosen.file, statePath(directory));
    else rmSync(join(directory, stagedFile), { force: true });
  }
}

async function findStates(directory: string): Promise<SavedState[]> {
  const states: SavedState[] = existsSync(statePath(directory)) ? [] : [{ file: null, position: -1 }];
  for (const name of [stateFile, stagedFile]) {
    const file = join(directory, name);
    if (!existsSync(file)) continue;
    const { step, evaluations } = await readStatePosition(file);
    states.push({ file, position: step + evaluations });
  }
  return states;
}
