/** The models router. */
import { basename } from 'node:path';
import { addBuiltInModel } from '../built-in.ts';
import { addFromHub } from '../hub/add-from-hub.ts';
import { parseHubModel } from '../hub/hub-model.ts';
import { discardDownload, listPartialDownloads } from '../hub/model-download.ts';
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
  addBuiltIn: service.models.addBuiltIn.handler(({ context: { core } }) => {
    const { id } = core.work.start({
      label: 'Adding built-in',
      subject: 'models',
      run: ({ signal, tell }) => addBuiltInModel(core.workspace, { signal, onEvent: tellJobProgress(tell) }),
    });
    return { task: id };
  }),
  download: service.models.download.handler(({ input, context: { core } }) => {
    parseHubModel(input.id, input.revision);
    const { id } = core.work.start({
      label: `Downloading ${input.id}`,
      subject: 'models',
      run: ({ signal, tell }) => addFromHub(core.workspace, { ...input, signal, onProgress: ({ done, total }) => tell({ done, total, unit: 'bytes' }) }),
    });
    return { task: id };
  }),
  partialDownloads: service.models.partialDownloads.handler(({ context }) => listPartialDownloads(context.core.workspace)),
  discardDownload: service.models.discardDownload.handler(({ input, context: { core } }) => {
    const discarded = discardDownload(core.workspace, input);
    core.events.publish({ kind: 'changed', subject: 'models', id: null });
    return discarded;
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
