/** Every edit of a task goes through here: a new version, with a way back to the one before. */
import type { TaskDefinition, TaskDetails } from '../../../main/contract/task-library.ts';
import { act } from '../../state/act.ts';
import { commonText } from '../../text/common.ts';
import { libraryText } from '../../text/library.ts';

/** @returns null when it failed; the person has been told why */
export function saveTask({ task, version }: Pick<TaskDetails, 'task' | 'version'>, definition: TaskDefinition, done?: string): Promise<TaskDetails | null> {
  return act((client) => client.tasks.update({ name: task, basedOn: version, definition }), {
    done: (saved) => done ?? libraryText().saved(saved.version),
    undo: { label: commonText().undo, action: (client) => client.tasks.revert({ name: task, version }) },
  });
}
