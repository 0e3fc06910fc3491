/** The runs router. */
import type { RunRequest } from '../../contract/api/runs.ts';
import { parseRunId } from '../../store/identifiers.ts';
import { resolveBuiltInFile } from '../built-in.ts';
import { commandText, powerShellText } from '../command-words.ts';
import { pageAnswers } from '../run-answers.ts';
import { checkRun } from '../run-check.ts';
import { listRunOptions } from '../run-options.ts';
import { annotateRun, createRuns, duplicateRun, listRuns, restoreRuns, showRun, trashRuns, tuneRequestOf } from '../run-library.ts';
import type { TuneRequest } from '../runs.ts';
import { service, type RouterContext } from './base.ts';

export const runsRouter = service.runs.router({
  list: service.runs.list.handler(({ input, context }) => listRuns(context.core.workspace, input)),
  show: service.runs.show.handler(({ input, context }) => showRun(context.core.workspace, input.run)),
  curve: service.runs.curve.handler(({ input, context: { core: { workspace } } }) => workspace.metrics.readThinnedCurve(workspace.runs.get(parseRunId(input.run)).id, input.key, input)),
  answers: service.runs.answers.handler(({ input: { run, ...question }, context }) => pageAnswers(context.core.workspace, run, question)),
  options: service.runs.options.handler(() => listRunOptions()),
  check: service.runs.check.handler(async ({ input, context }) => {
    const request = requestOf(input, context);
    const words = [...request.command];
    return {
      ...await checkRun(context.core.workspace, request, input),
      command: input.pvp === null ? { words, posix: commandText(words), powershell: powerShellText(words) } : null,
    };
  }),
  create: service.runs.create.handler(({ input: { place, ...input }, context }) => createRuns(context.core, requestOf(input, context), { ...input, place })),
  duplicate: service.runs.duplicate.handler(({ input: { run, ...changes }, context }) =>
    duplicateRun(context.core, run, { ...changes, command: ['souffleur', 'queue', 'duplicate', run, ...Object.entries(changes.settings).flatMap(([key, value]) => ['--set', `${key}=${String(value)}`])] })),
  trash: service.runs.trash.handler(({ input, context }) => trashRuns(context.core, input.runs)),
  restore: service.runs.restore.handler(({ input, context }) => restoreRuns(context.core, input.runs)),
  annotate: service.runs.annotate.handler(({ input: { run, ...changes }, context }) => annotateRun(context.core, run, changes)),
  tags: service.runs.tags.handler(({ context }) => context.core.workspace.runAnnotations.listTags()),
});

/** With files as this client may name them. */
function requestOf(input: RunRequest, { core, paths }: RouterContext): TuneRequest {
  const { train, dev, test } = input.files;
  const resolve = (file: string): string => resolveBuiltInFile(file) ?? (file.startsWith('dataset:') ? file : core.files.resolve(file, paths));
  const files = { train: resolve(train), dev: dev === null ? null : resolve(dev), test: test === null ? null : resolve(test) };
  return tuneRequestOf({ ...input, files }, commandOf({ ...input, files }));
}

/** What would ask for the same in a terminal. */
function commandOf({ model, method, format, files, settings, seeds, together, labels, fewShot, runtime }: RunRequest): string[] {
  return [
    'souffleur', 'queue', 'add', '--model', model, '--task', format, '--train', files.train,
    ...(files.dev === null ? [] : ['--dev', files.dev]), ...(files.test === null ? [] : ['--test', files.test]), '--method', method,
    ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${String(value)}`]),
    '--seed', seeds.join(','), ...(together ? ['--together'] : []), ...(labels === null ? [] : ['--labels', labels.join(',')]),
    ...(fewShot === null ? [] : ['--few-shot', String(fewShot.examples), '--data-seed', String(fewShot.dataSeed)]),
    '--provider', runtime.provider, ...(runtime.threads === null ? [] : ['--threads', String(runtime.threads)]),
  ];
}
