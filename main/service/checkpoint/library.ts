/** Keeping checkpoints and letting go of them. */
import { statfsSync } from 'node:fs';
import type { CheckpointReport, TrashReport } from '../../contract/api/checkpoints.ts';
import type { EmptiedTrash } from '../../store/trash.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { reportCheckpoint } from './listing.ts';
import { findCheckpoint } from './reference.ts';

/** What is pinned outlives an emptied trash, also that of its run. @throws {Problem} those of findCheckpoint; `checkpoint-in-trash` */
export function pinCheckpoint(workspace: Workspace, { checkpoint, name, note }: { checkpoint: string; name: string; note: string }): CheckpointReport {
  const { run, step } = findCheckpoint(workspace, checkpoint);
  return reportCheckpoint(workspace, workspace.checkpointCatalogue.pin(run, step, { name, note }));
}

/** @throws {Problem} those of findCheckpoint */
export function unpinCheckpoint(workspace: Workspace, checkpoint: string): CheckpointReport {
  const { run, step } = findCheckpoint(workspace, checkpoint);
  return reportCheckpoint(workspace, workspace.checkpointCatalogue.unpin(run, step));
}

/**
 * All or none. The best goes only with its run: the run's test score, answers and comparisons are the best's, and another in its place
 * would be chosen by somebody who has seen the test split.
 * @throws {Problem} those of findCheckpoint; `checkpoint-is-best`, `checkpoint-pinned`
 */
export function trashCheckpoints(workspace: Workspace, checkpoints: readonly string[]): CheckpointReport[] {
  return changeAll(workspace, checkpoints, (run, step) => workspace.checkpoints.trash(run, step));
}

/** Undoes trashCheckpoints. @throws {Problem} those of findCheckpoint */
export function restoreCheckpoints(workspace: Workspace, checkpoints: readonly string[]): CheckpointReport[] {
  return changeAll(workspace, checkpoints, (run, step) => workspace.checkpoints.restore(run, step));
}

function changeAll(workspace: Workspace, checkpoints: readonly string[], change: Workspace['checkpoints']['trash']): CheckpointReport[] {
  return workspace.transaction(() => {
    const found = checkpoints.map((text) => findCheckpoint(workspace, text));
    for (const { run, step } of found) change(run, step);
    return found.map(({ run, step }) => reportCheckpoint(workspace, workspace.checkpointCatalogue.get(run, step)));
  });
}

/** Of runs and of single checkpoints. */
export function reportTrash(workspace: Workspace): TrashReport {
  return { ...workspace.measureTrash(), freeBytes: freeBytesOf(workspace) };
}

/** For good. */
export function emptyTrash(workspace: Workspace): EmptiedTrash & { freeBytes: number } {
  const emptied = workspace.emptyTrash();
  return { ...emptied, freeBytes: freeBytesOf(workspace) };
}

/** What this user may still write on the disk of the workspace. */
function freeBytesOf({ directory }: ReadableWorkspace): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
