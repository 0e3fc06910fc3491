/** The tasks that come with the program, as tasks of the library. */
import type { Workspace } from '../../store/workspace.ts';
import { readBuiltInTasks } from '../built-in.ts';
import { presetTask } from './exchange.ts';
import { createTask } from './tasks.ts';

/**
 * Adds those whose name is free, each with the published pairs of its format; a name that is taken, in the trash too, is left as it is.
 * @throws {Problem} as readBuiltInTasks
 */
export function addBuiltInTasks(workspace: Workspace): { added: string[]; present: string[] } {
  return workspace.transaction(() => {
    const tasks = readBuiltInTasks().map(({ id, title, format }) => ({ id, title, format, isPresent: workspace.tasks.find(id) !== null }));
    for (const { id, title, format, isPresent } of tasks) {
      if (!isPresent) createTask(workspace, id, { ...presetTask(format), title, provenance: `comes with Souffleur, as ${id}; every pair names its source` });
    }
    return { added: tasks.filter(({ isPresent }) => !isPresent).map(({ id }) => id), present: tasks.filter(({ isPresent }) => isPresent).map(({ id }) => id) };
  });
}
