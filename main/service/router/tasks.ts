/** The tasks router. */
import type { Core } from '../core.ts';
import { resolveDataFile } from '../dataset/datasets.ts';
import { checkPvp } from '../task-library/check.ts';
import { exportLibrary, importLibrary, importPromptsource, presetTask, readPromptsource } from '../task-library/exchange.ts';
import { previewPvp, readFirstRows } from '../task-library/preview.ts';
import { openSpeechSync, type Speech } from '../task-library/speech.ts';
import { createTask, listTasks, listVersions, restoreTask, revertTask, showTask, trashTask, updateTask } from '../task-library/tasks.ts';
import { service } from './base.ts';

function changed<Result>(core: Core, id: string | null, result: Result): Result {
  core.events.publish({ kind: 'changed', subject: 'tasks', id });
  return result;
}

function speechOf({ workspace }: Core, model: string | null): Speech | null {
  return model === null ? null : openSpeechSync(workspace, model);
}

export const tasksRouter = service.tasks.router({
  list: service.tasks.list.handler(({ input, context }) => listTasks(context.core.workspace, input)),
  get: service.tasks.get.handler(({ input, context }) => showTask(context.core.workspace, input.name, input.version ?? undefined)),
  versions: service.tasks.versions.handler(({ input, context }) => listVersions(context.core.workspace, input.name)),
  create: service.tasks.create.handler(({ input, context }) => {
    const task = createTask(context.core.workspace, input.name, input.definition);
    return changed(context.core, task.task, task);
  }),
  update: service.tasks.update.handler(({ input, context }) => changed(context.core, input.name, updateTask(context.core.workspace, input))),
  revert: service.tasks.revert.handler(({ input, context }) => changed(context.core, input.name, revertTask(context.core.workspace, input.name, input.version))),
  trash: service.tasks.trash.handler(({ input, context }) => changed(context.core, input.name, trashTask(context.core.workspace, input.name))),
  restore: service.tasks.restore.handler(({ input, context }) => changed(context.core, input.name, restoreTask(context.core.workspace, input.name))),
  presets: service.tasks.presets.handler(({ input }) => presetTask(input.format)),
  check: service.tasks.check.handler(({ input: { model, ...request }, context }) => checkPvp({ ...request, speech: speechOf(context.core, model) })),
  preview: service.tasks.preview.handler(async ({ input: { model, data, ...request }, context: { core, paths } }) => {
    const rows = data.kind === 'rows'
      ? data.rows.map((values, index) => ({ index, line: index + 1, values }))
      : await readFirstRows(data.file.startsWith('dataset:') ? resolveDataFile(core.workspace, data.file) : core.files.resolve(data.file, paths), data.rows);
    return previewPvp({ ...request, rows, speech: speechOf(core, model) });
  }),
  readPromptsource: service.tasks.readPromptsource.handler(({ input, context: { core, paths } }) => readPromptsource(core.files.resolve(input.file, paths), input.format)),
  importPromptsource: service.tasks.importPromptsource.handler(({ input, context: { core, paths } }) =>
    changed(core, input.task, importPromptsource(core.workspace, core.files.resolve(input.file, paths), input))),
  exportLibrary: service.tasks.exportLibrary.handler(({ input, context }) => exportLibrary(context.core.workspace, input.names)),
  importLibrary: service.tasks.importLibrary.handler(({ input, context: { core, paths } }) =>
    changed(core, null, importLibrary(core.workspace, core.files.resolve(input.file, paths), input.conflicts))),
});
