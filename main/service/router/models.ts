/** The models router. */
import { basename } from 'node:path';
import { addModel, listModels, removeModel, renameModel, showModel, type AddedModel } from '../models.ts';
import { tellJobProgress } from '../work-registry.ts';
import { service } from './base.ts';

export const modelsRouter = service.models.router({
  list: service.models.list.handler(({ context }) => listModels(context.core.workspace)),
  show: service.models.show.handler(({ input, context }) => showModel(context.core.workspace, input.name)),
  add: service.models.add.handler(({ input, context: { core, paths } }) => {
    const directory = core.files.resolve(input.directory, paths);
    const { id } = core.work.start({
      label: `Adding ${input.name ?? basename(directory)}`,
      subject: 'models',
      run: ({ signal, tell }) => addModel(core.workspace, { directory, name: input.name, convention: input.convention, signal, onEvent: tellJobProgress(tell) }),
    });
    return { task: id };
  }),
  added: service.models.added.handler(({ input, context }) => context.core.work.resultOf(input.task, 'models') as AddedModel | null),
  rename: service.models.rename.handler(({ input, context: { core } }) => {
    const model = renameModel(core.workspace, input);
    for (const subject of ['models', 'runs', 'studies'] as const) core.events.publish({ kind: 'changed', subject, id: null });
    return model;
  }),
  remove: service.models.remove.handler(({ input, context: { core } }) => {
    const removed = removeModel(core.workspace, input);
    core.events.publish({ kind: 'changed', subject: 'models', id: removed.name });
    return removed;
  }),
});
