/** Which runs used which version of a task. */
import type { TaskRun } from '../../contract/api/tasks.ts';
import { usedPvpSchema } from '../../contract/pvp.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { showTask } from './tasks.ts';

/** The latest first, also from the trash. @throws {Problem} `task-not-found` */
export function listTaskRuns(workspace: ReadableWorkspace, name: string): TaskRun[] {
  const { task } = showTask(workspace, name);
  return workspace.runs.list({ trash: 'with' }).toReversed().flatMap(({ id, status, method, seed, config, trashedAtMs, createdAtMs }) => {
    const used = usedPvpSchema.safeParse(config['pvp']).data;
    if (used?.version?.task !== task) return [];
    return [{ run: id, status, method, seed, version: used.version.version, pvp: used.pvp.id, isTrashed: trashedAtMs !== null, createdAt: new Date(createdAtMs).toISOString() }];
  });
}
