/** The checkpoints router. */
import type { CheckpointReport, DeriveInput } from '../../contract/api/checkpoints.ts';
import { resolveBuiltInFile } from '../built-in.ts';
import { makeDeriveRequest } from '../checkpoint/derive.ts';
import { exportPrompt, fileInFolder } from '../checkpoint/export.ts';
import { findPromptFacts, readPromptFacts } from '../checkpoint/facts.ts';
import { emptyTrash, pinCheckpoint, reportTrash, restoreCheckpoints, trashCheckpoints, unpinCheckpoint } from '../checkpoint/library.ts';
import { listCheckpoints, showCheckpoint } from '../checkpoint/listing.ts';
import type { Core } from '../core.ts';
import { createRuns } from '../run-library.ts';
import type { TuneRequest } from '../runs.ts';
import { tellJobProgress } from '../work-registry.ts';
import { service } from './base.ts';

export const checkpointsRouter = service.checkpoints.router({
  list: service.checkpoints.list.handler(({ input, context }) => listCheckpoints(context.core.workspace, input)),
  show: service.checkpoints.show.handler(({ input, context }) => showCheckpoint(context.core.workspace, input.checkpoint)),
  pin: service.checkpoints.pin.handler(({ input, context: { core } }) => tellingOne(core, pinCheckpoint(core.workspace, input))),
  unpin: service.checkpoints.unpin.handler(({ input, context: { core } }) => tellingOne(core, unpinCheckpoint(core.workspace, input.checkpoint))),
  trash: service.checkpoints.trash.handler(({ input, context: { core } }) => telling(core, trashCheckpoints(core.workspace, input.checkpoints))),
  restore: service.checkpoints.restore.handler(({ input, context: { core } }) => telling(core, restoreCheckpoints(core.workspace, input.checkpoints))),
  trashContents: service.checkpoints.trashContents.handler(({ context }) => reportTrash(context.core.workspace)),
  emptyTrash: service.checkpoints.emptyTrash.handler(({ context: { core } }) => {
    const emptied = emptyTrash(core.workspace);
    for (const subject of ['checkpoints', 'runs', 'studies', 'ensembles', 'datasets', 'packs', 'tasks'] as const) core.events.publish({ kind: 'changed', subject, id: null });
    return emptied;
  }),
  facts: service.checkpoints.facts.handler(({ input, context }) => readPromptFacts(context.core.workspace, input)),
  findFacts: service.checkpoints.findFacts.handler(({ input, context: { core } }) => {
    const { id } = core.work.start({
      label: `Facts of ${input.checkpoint}`,
      subject: 'checkpoints',
      run: ({ signal, tell }) => findPromptFacts(core.workspace, { ...input, signal, onEvent: tellJobProgress(tell) }),
    });
    return { task: id };
  }),
  export: service.checkpoints.export.handler(({ input, context: { core, paths } }) =>
    exportPrompt(core.workspace, { checkpoint: input.checkpoint, file: fileInFolder(core.files.resolve(input.folder, paths), input.fileName) })),
  derive: service.checkpoints.derive.handler(async ({ input, context: { core, paths } }) => {
    const { files: { train, dev, test }, pvp, seed, ...rest } = input;
    const resolve = (file: string): string => resolveBuiltInFile(file) ?? (file.startsWith('dataset:') ? file : core.files.resolve(file, paths));
    const files = { train: resolve(train), dev: dev === null ? null : resolve(dev), test: test === null ? null : resolve(test) };
    const request = await makeDeriveRequest(core.workspace, {
      ...rest, files, fewShot: null, runtime: null, pvp: pvp === null ? null : { text: pvp, folder: core.workspace.directory }, command: deriveCommand(input, files),
    });
    const { runs: [run = ''] } = await createRuns(core, request, { seeds: [seed], together: false, place: 'last' });
    return { run };
  }),
});

function telling(core: Core, reports: CheckpointReport[]): CheckpointReport[] {
  return reports.map((report) => tellingOne(core, report));
}

function tellingOne(core: Core, report: CheckpointReport): CheckpointReport {
  core.events.publish({ kind: 'changed', subject: 'checkpoints', id: report.checkpoint });
  return report;
}

/** What would ask for the same in a terminal. */
function deriveCommand(input: DeriveInput, files: TuneRequest['files']): string[] {
  const given = { task: input.format, pvp: input.pvp, train: files.train, dev: files.dev, test: files.test, model: input.model, labels: input.labels?.join(',') ?? null, seed: String(input.seed) };
  return [
    'souffleur', 'checkpoints', 'derive', input.checkpoint,
    ...Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, value])),
    ...input.settings.flatMap((setting) => ['--set', setting]),
  ];
}
