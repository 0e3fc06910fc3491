/** `souffleur model …` */
import { Option, type Command } from 'commander';
import type { AddedModel, ModelMemory, ModelReport } from '../../service/models.ts';
import type { AnswerConvention } from '../../contract/worker-protocol.ts';
import { bytesText, countText } from '../number-text.ts';
import { createByteView } from '../byte-progress.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

interface AddOptions {
  name?: string;
  convention?: AnswerConvention;
}

export function addModelCommands(program: Command, context: CommandContext): void {
  const model = program.command('model').description('add, download, show and remove T5 checkpoints');
  model
    .command('add <dir>')
    .description('check a Hugging Face folder (config.json, weights, tokenizer) and add it; the folder stays where it is')
    .option('--name <name>', 'its name in the workspace (default: the folder’s)')
    .addOption(new Option('--convention <convention>', 'how it answers: lm-adapted (plain target) or span-corruption (a filled sentinel); guessed without').choices(['lm-adapted', 'span-corruption']))
    .addHelpText('after', '\nExample:\n  souffleur model add ./t5-base-lm-adapt --name base')
    .action((directory: string, options: AddOptions) => add(directory, options, context));
  model
    .command('download <id>')
    .description('download a T5 from the hub (or the mirror of the setting hubEndpoint), check every file’s hash, and add it; goes on where it stopped')
    .option('--revision <revision>', 'a branch, tag or commit', 'main')
    .option('--name <name>', 'its name in the workspace (default: the hub’s, without its owner)')
    .addOption(new Option('--convention <convention>', 'how it answers; guessed without').choices(['lm-adapted', 'span-corruption']))
    .addHelpText('after', '\nExample:\n  souffleur model download google/t5-base-lm-adapt --name base')
    .action((id: string, options: DownloadOptions) => download(id, options, context));
  model.command('downloads').description('list downloads that are not finished').action(() => listDownloads(context));
  model
    .command('discard <id>')
    .description('delete the files of an unfinished download')
    .option('--revision <revision>', 'a branch, tag or commit', 'main')
    .action((id: string, { revision }: { revision: string }) => discard({ id, revision }, context));
  model.command('rename <name> <to>').description('give a model another name; its runs and studies follow').action((name: string, to: string) => rename(name, to, context));
  model
    .command('remove <name>')
    .description('forget a model that no run names; its folder stays as it is')
    .option('--delete-download', 'delete the files of a model that was downloaded')
    .action((name: string, options: { deleteDownload?: true }) => remove(name, options, context));
  model.command('list').description('list the models of the workspace').action(() => list(context));
  model.command('show <name>').description('show a model’s sizes, fingerprint, answer convention and memory needs').action((name: string) => show(name, context));
}

async function add(directory: string, options: AddOptions, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { addModel } = await import('../../service/models.ts');
  const progress = await createProgressView(output, 'model');
  const stop = new AbortController();
  const added = await writing(context, { create: 'if-missing' }, async (workspace) => {
    output.note(`Reading and checking ${directory} …`);
    const request = { directory, name: options.name ?? null, convention: options.convention ?? null, signal: stop.signal, onEvent: progress.onEvent };
    return interruption.during({ note: 'Stopping; nothing is added.', cancel: () => stop.abort(), kill: () => process.exit(130) }, () => addModel(workspace, request)).finally(() => progress.stop());
  });
  if (!added.hasTokenizer) output.note(`${directory} has no tokenizer.json and no spiece.model: add one before you tune.`);
  output.result({ model: added }, () => describeAdded(added));
}

interface DownloadOptions extends AddOptions {
  revision: string;
}

async function download(id: string, { revision, name, convention }: DownloadOptions, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { addFromHub } = await import('../../service/hub/add-from-hub.ts');
  const view = createByteView(output, id);
  const stop = new AbortController();
  const added = await writing(context, { create: 'if-missing' }, async (workspace) => {
    const request = { id, revision, name: name ?? null, convention: convention ?? null, signal: stop.signal, onProgress: view.onProgress };
    const note = 'Stopping; what came is kept. Run the command again to go on.';
    return interruption.during({ note, cancel: () => stop.abort(), kill: () => process.exit(130) }, () => addFromHub(workspace, request)).finally(() => view.stop());
  });
  if (!added.hasTokenizer) output.note(`${added.directory} has no tokenizer.json and no spiece.model: add one before you tune.`);
  output.result({ model: added }, () => describeAdded(added));
}

async function listDownloads(context: CommandContext): Promise<void> {
  const { listPartialDownloads } = await import('../../service/hub/model-download.ts');
  const downloads = await reading(context, listPartialDownloads);
  context.output.result({ downloads }, () => downloads.length === 0 ? 'No unfinished downloads.' : formatTable([
    ['model', 'revision', 'here', 'of', 'folder'],
    ...downloads.map(({ id, revision, doneBytes, totalBytes, directory }) => [id, revision, bytesText(doneBytes), totalBytes === null ? '–' : bytesText(totalBytes), directory]),
  ]));
}

async function discard(model: { id: string; revision: string }, context: CommandContext): Promise<void> {
  const { discardDownload } = await import('../../service/hub/model-download.ts');
  const discarded = await writing(context, { create: 'never' }, async (workspace) => discardDownload(workspace, model));
  context.output.result({ discarded }, () => `${bytesText(discarded.freedBytes)} freed.`);
}

async function rename(name: string, to: string, context: CommandContext): Promise<void> {
  const { renameModel } = await import('../../service/models.ts');
  const model = await writing(context, { create: 'never' }, async (workspace) => renameModel(workspace, { name, to }));
  context.output.result({ model }, () => `${name} is now ${model.name}.`);
}

async function remove(name: string, { deleteDownload }: { deleteDownload?: true }, context: CommandContext): Promise<void> {
  const { removeModel } = await import('../../service/models.ts');
  const removed = await writing(context, { create: 'never' }, async (workspace) => removeModel(workspace, { name, files: deleteDownload === true ? 'delete-download' : 'keep' }));
  context.output.result({ removed }, () => `${removed.name} is not in the workspace any more; ${bytesText(removed.freedBytes)} freed.`);
}

function describeAdded(added: AddedModel): string {
  const same = added.sameAs.length === 0 ? [] : [`It has the same weights as ${added.sameAs.join(', ')}.`];
  const convention = added.conventionReason === 'as given' ? [] : [`Answer convention ${added.convention} (${added.conventionReason}); choose another with --convention.`];
  return [`Added ${added.name}: ${added.architecture}, ${countText(added.parameterCount)} parameters, fingerprint ${added.fingerprint.slice(0, 12)}.`, ...convention, ...same].join('\n');
}

async function list(context: CommandContext): Promise<void> {
  const { listModels } = await import('../../service/models.ts');
  const models = await reading(context, listModels);
  context.output.result({ models }, () => models.length === 0
    ? 'No models yet. Add one with: souffleur model add DIR'
    : formatTable([
      ['name', 'architecture', 'parameters', 'convention', 'fingerprint', 'folder'],
      ...models.map((row) => [row.name, row.architecture, countText(row.parameterCount), row.convention, row.fingerprint.slice(0, 12), row.directory]),
    ]));
}

async function show(name: string, context: CommandContext): Promise<void> {
  const { showModel } = await import('../../service/models.ts');
  const model = await reading(context, (workspace) => showModel(workspace, name));
  context.output.result({ model }, () => `${describeModel(model)}${model.memory === null ? '' : `\n\n${describeMemory(model.memory)}`}`);
}

function describeModel(model: ModelReport): string {
  return formatFields([
    ['name', model.name],
    ['folder', model.directory],
    ['architecture', model.architecture],
    ['parameters', countText(model.parameterCount)],
    ['weights', model.weightKind],
    ['convention', model.convention],
    ['fingerprint', model.fingerprint],
    ...Object.entries(model.sizes).map(([key, value]) => [key, String(value)] as const),
  ]);
}

function describeMemory({ assumes, promptTuning, fullTuning }: ModelMemory): string {
  const parts = ['weights', 'activations', 'gradients', 'optimizer', 'total'] as const;
  return [
    `Memory to train, estimated for ${assumes.microBatch} example at a time, ${assumes.sourceTokens} source and ${assumes.targetTokens} target tokens, ${assumes.promptRows} prompt rows:`,
    formatTable([['', ...parts], ['prompt-tuning', ...parts.map((part) => bytesText(promptTuning[part]))], ['full-tuning', ...parts.map((part) => bytesText(fullTuning[part]))]]),
  ].join('\n');
}
