/** The tasks router. */
import type { Core } from '../core.ts';
import { resolveBuiltInFile } from '../built-in.ts';
import { resolveDataFile } from '../dataset/datasets.ts';
import { addBuiltInTasks } from '../task-library/built-in-tasks.ts';
import { checkPvp } from '../task-library/check.ts';
import { exportLibrary, importLibrary, importPromptsource, presetTask, readPromptsource } from '../task-library/exchange.ts';
import { previewPvp, readFirstRows } from '../task-library/preview.ts';
import { openSpeechSync, type Speech } from '../task-library/speech.ts';
import { listTaskRuns } from '../task-library/task-runs.ts';
import { createTask, listTasks, listVersions, restoreTask, revertTask, showTask, trashTask, updateTask } from '../task-library/tasks.ts';
import { taskFormats } from '../../task/index.ts';
import type { TaskFormat } from '../../task/format.ts';
import { service } from './base.ts';

function changed<Result>(core: Core, id: string | null, result: Result): Result {
  core.events.publish({ kind: 'changed', subject: 'tasks', id });
  return result;
}

function speechOf({ workspace }: Core, model: string | null): Speech | null {
  return model === null ? null : openSpeechSync(workspace, model);
}

function describeFormat({ id, title, roles, labels, metrics }: TaskFormat) {
  return {
    format: id, title, roles: roles.map(({ names, kind, isOptional }) => ({ role: names[0], kind, isOptional: isOptional ?? false })), labels: labels === null ? null : [...labels], metrics: [...metrics],
  };
}

export const tasksRouter = service.tasks.router({
  formats: service.tasks.formats.handler(() => taskFormats.map(describeFormat)),
  list: service.tasks.list.handler(({ input, context }) => listTasks(context.core.workspace, input)),
  get: service.tasks.get.handler(({ input, context }) => showTask(context.core.workspace, input.name, input.version ?? undefined)),
  versions: service.tasks.versions.handler(({ input, context }) => listVersions(context.core.workspace, input.name)),
  runs: service.tasks.runs.handler(({ input, context }) => listTaskRuns(context.core.workspace, input.name)),
  create: service.tasks.create.handler(({ input, context }) => {
    const task = createTask(context.core.workspace, input.name, input.definition);
    return changed(context.core, task.task, task);
  }),
  update: service.tasks.update.handler(({ input, context }) => changed(context.core, input.name, updateTask(context.core.workspace, input))),
  revert: service.tasks.revert.handler(({ input, context }) => changed(context.core, input.name, revertTask(context.core.workspace, input.name, input.version))),
  trash: service.tasks.trash.handler(({ input, context }) => changed(context.core, input.name, trashTask(context.core.workspace, input.name))),
  restore: service.tasks.restore.handler(({ input, context }) => changed(context.core, input.name, restoreTask(context.core.workspace, input.name))),
  addBuiltIn: service.tasks.addBuiltIn.handler(({ context }) => changed(context.core, null, addBuiltInTasks(context.core.workspace))),
  presets: service.tasks.presets.handler(({ input }) => presetTask(input.format)),
  check: service.tasks.check.handler(({ input: { model, ...request }, context }) => checkPvp({ ...request, speech: speechOf(context.core, model) })),
  preview: service.tasks.preview.handler(async ({ input: { model, data, ...request }, context: { core, paths } }) => {
    const rows = data.kind === 'rows'
      ? data.rows.map((values, index) => ({ index, line: index + 1, values }))
      : await readFirstRows(resolveBuiltInFile(data.file) ?? (data.file.startsWith('dataset:') ? resolveDataFile(core.workspace, data.file) : core.files.resolve(data.file, paths)), data.rows);
    return previewPvp({ ...request, rows, speech: speechOf(core, model) });
  }),
  readPromptsource: service.tasks.readPromptsource.handler(({ input, context: { core, paths } }) => readPromptsource(core.files.resolve(input.file, paths), input.format)),
  importPromptsource: service.tasks.importPromptsource.handler(({ input, context: { core, paths } }) =>
    changed(core, input.task, importPromptsource(core.workspace, core.files.resolve(input.file, paths), input))),
  exportLibrary: service.tasks.exportLibrary.handler(({ input, context }) => exportLibrary(context.core.workspace, input.names)),
  importLibrary: service.tasks.importLibrary.handler(({ input, context: { core, paths } }) =>
    changed(core, null, importLibrary(core.workspace, core.files.resolve(input.file, paths), input.conflicts))),
});
