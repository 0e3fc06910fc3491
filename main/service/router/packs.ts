/** The packs router. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PackReport, PackRun } from '../../contract/api/packs.ts';
import { parsePackId } from '../../store/identifiers.ts';
import type { Core } from '../core.ts';
import { datasetPrefix } from '../dataset/dataset-name.ts';
import { exportPack } from '../pack/pack-export.ts';
import { pageAnswers, runPack } from '../pack/pack-run.ts';
import { importPack, inspectPack, listPacks, removePack, restorePack } from '../pack/packs.ts';
import { tellJobProgress } from '../work-registry.ts';
import { service, type RouterContext } from './base.ts';

export const packsRouter = service.packs.router({
  list: service.packs.list.handler(({ input, context }) => listPacks(context.core.workspace, input)),
  inspect: service.packs.inspect.handler(({ input, context }) => inspectPack(context.core.workspace, locate(input.pack, context), input)),
  import: service.packs.import.handler(async ({ input, context: { core, paths } }) => telling(core, await importPack(core.workspace, core.files.resolve(input.pack, paths), input))),
  export: service.packs.export.handler(({ input, context: { core, paths } }) => {
    const { folder, fileName, ...rest } = input;
    return exportPack(core.workspace, { ...rest, path: join(core.files.resolve(folder, paths), fileName) });
  }),
  remove: service.packs.remove.handler(({ input, context: { core } }) => telling(core, removePack(core.workspace, input.pack))),
  restore: service.packs.restore.handler(({ input, context: { core } }) => telling(core, restorePack(core.workspace, input.pack))),
  run: service.packs.run.handler(({ input, context }) => {
    const { core, paths } = context;
    const pack = locate(input.pack, context);
    // A data set of the workspace is nobody's path.
    const rows = typeof input.input === 'string' && !input.input.startsWith(datasetPrefix) ? core.files.resolve(input.input, paths) : input.input;
    const { id } = core.work.start({
      label: `Answers of ${parsePackId(pack) ?? 'a pack'}`,
      subject: 'packs',
      run: ({ signal, tell }) => runPack(core.workspace, {
        ...input, pack, input: rows, runtime: { provider: 'cpu', threads: availableParallelism() }, signal, onEvent: tellJobProgress(tell),
      }),
    });
    return { task: id };
  }),
  outcome: service.packs.outcome.handler(({ input, context }) => context.core.work.resultOf(input.task, 'packs') as PackRun | null),
  answers: service.packs.answers.handler(({ input, context }) => pageAnswers(context.core.workspace, input)),
});

/** An id names a pack of the workspace; anything else a file, which a client may have to be granted. */
function locate(text: string, { core, paths }: RouterContext): string {
  return parsePackId(text) ?? core.files.resolve(text, paths);
}

function telling(core: Core, report: PackReport): PackReport {
  core.events.publish({ kind: 'changed', subject: 'packs', id: report.id });
  return report;
}
