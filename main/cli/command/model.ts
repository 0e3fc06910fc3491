/** `souffleur model …` */
import { Option, type Command } from 'commander';
import type { AddedModel, ModelMemory, ModelReport } from '../../service/models.ts';
import type { AnswerConvention } from '../../contract/worker-protocol.ts';
import { bytesText, countText } from '../number-text.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

interface AddOptions {
  name?: string;
  convention?: AnswerConvention;
}

export function addModelCommands(program: Command, context: CommandContext): void {
  const model = program.command('model').description('add and show T5 checkpoints');
  model
    .command('add <dir>')
    .description('check a Hugging Face folder (config.json, weights, tokenizer) and add it; the folder stays where it is')
    .option('--name <name>', 'its name in the workspace (default: the folder’s)')
    .addOption(new Option('--convention <convention>', 'how it answers: lm-adapted (plain target) or span-corruption (a filled sentinel); guessed without').choices(['lm-adapted', 'span-corruption']))
    .addHelpText('after', '\nExample:\n  souffleur model add ./t5-base-lm-adapt --name base')
    .action((directory: string, options: AddOptions) => add(directory, options, context));
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
