/** `souffleur checkpoints …` */
import { Option, type Command } from 'commander';
import type { CheckpointListInput } from '../../contract/api/checkpoints.ts';
import { Problem } from '../../contract/problem.ts';
import type { PromptFactsQuestion } from '../../contract/prompt-facts.ts';
import { describeCheckpoint, describeCheckpoints, describeEmptied, describeTrash } from '../checkpoint-text.ts';
import type { CommandContext } from '../context.ts';
import { describeFacts } from '../prompt-facts-text.ts';
import { createProgressView } from '../progress.ts';
import { reading, writing } from '../workspace-access.ts';
import { addDeriveCommand } from './derive.ts';

const help = `
A checkpoint is named by its run and step: r0001/300. r0001 alone is the run’s best.

Examples:
  souffleur checkpoints list --task rte --sort score --limit 10
  souffleur checkpoints facts r0001
  souffleur checkpoints pin r0001/300 --name "first that beats zero-shot"
  souffleur checkpoints export r0001 --output prompt.npy
  souffleur checkpoints derive r0001 --task boolq --train train.jsonl --dev val.jsonl`;

export function addCheckpointsCommands(program: Command, context: CommandContext): void {
  const checkpoints = program.command('checkpoints').description('browse, keep, look into and start from evaluated prompts').addHelpText('after', help);
  checkpoints
    .command('list')
    .description('list checkpoints; works while another process trains')
    .option('--run <run>', 'of one run')
    .option('--task <format>', 'of one task format')
    .option('--method <method>', 'of one method')
    .option('--model <name>', 'of one model')
    .addOption(new Option('--trains <what>', 'of methods that train this').choices(['prompt', 'weights', 'nothing']))
    .addOption(new Option('--only <which>', 'pinned ones, or the best of every run').choices(['pinned', 'best']))
    .addOption(new Option('--trash <which>', 'whether to show what lies in the trash').choices(['without', 'only', 'with']).default('without'))
    .addOption(new Option('--sort <by>', 'the order').choices(['created', 'score', 'loss', 'legalRate', 'step', 'run']).default('created'))
    .addOption(new Option('--direction <direction>', 'of the order').choices(['ascending', 'descending']).default('descending'))
    .option('--offset <n>', 'leave out the first n', parseCount('offset', { least: 0, most: 1e9 }), 0)
    .option('--limit <n>', 'at most so many', parseCount('limit', { least: 1, most: 500 }), 50)
    .action((options: CheckpointListInput) => list(options, context));
  checkpoints.command('show <checkpoint>').description('show everything known of one').action((text: string) => show(text, context));
  addFactsCommand(checkpoints, context);
  checkpoints
    .command('pin <checkpoint>')
    .description('keep one under a name, whatever happens to its run')
    .requiredOption('--name <name>', 'what to call it')
    .option('--note <note>', 'what to remember of it', '')
    .action((checkpoint: string, options: { name: string; note: string }) => change(context, async (workspace) => {
      const { pinCheckpoint } = await import('../../service/checkpoint/library.ts');
      return [pinCheckpoint(workspace, { checkpoint, name: requireName(options.name), note: options.note })];
    }));
  checkpoints.command('unpin <checkpoint>').description('take the pin off').action((checkpoint: string) => change(context, async (workspace) => {
    const { unpinCheckpoint } = await import('../../service/checkpoint/library.ts');
    return [unpinCheckpoint(workspace, checkpoint)];
  }));
  checkpoints.command('trash <checkpoints...>').description('move single checkpoints to the trash').action((names: string[]) => change(context, async (workspace) => {
    const { trashCheckpoints } = await import('../../service/checkpoint/library.ts');
    return trashCheckpoints(workspace, names);
  }));
  checkpoints.command('restore <checkpoints...>').description('take them back from the trash').action((names: string[]) => change(context, async (workspace) => {
    const { restoreCheckpoints } = await import('../../service/checkpoint/library.ts');
    return restoreCheckpoints(workspace, names);
  }));
  checkpoints.command('empty-trash').description('delete what is in the trash, runs and checkpoints, for good').action(() => empty(context));
  checkpoints
    .command('export <checkpoint>')
    .description('write one prompt as .safetensors or .npy, float32 [rows, width]')
    .requiredOption('--output <file>', 'the file; one that is there is replaced')
    .action((checkpoint: string, options: { output: string }) => exportOne(checkpoint, options.output, context));
  addDeriveCommand(checkpoints, context);
}

function addFactsCommand(checkpoints: Command, context: CommandContext): void {
  const count = (name: string, most = 100_000) => parseCount(name, { least: 0, most });
  checkpoints
    .command('facts <checkpoint>')
    .description('find out what a prompt does, and where its rows lie; found once, then remembered')
    .option('--examples <n>', 'dev examples that prompt, zero-shot and random prompts answer (default: 200); 0 looks at the rows alone', count('examples'))
    .option('--sensitivity-examples <n>', 'of those, for the effect of leaving rows out (default: 50); 0 leaves it out', count('sensitivity-examples'))
    .option('--sensitivity-units <n>', 'rows or blocks of rows that are left out in turn (default: 25)', parseCount('sensitivity-units', { least: 1, most: 1000 }))
    .option('--neighbours <n>', 'nearest pieces of the vocabulary a row (default: 5)', parseCount('neighbours', { least: 1, most: 100 }))
    .option('--random-prompts <n>', 'random prompts of the same row norms (default: 3)', count('random-prompts', 20))
    .option('--random-seed <seed>', 'their seed (default: 0)', count('random-seed', 2 ** 32 - 1))
    .action((checkpoint: string, options: PromptFactsQuestion) => facts(checkpoint, options, context));
}

async function list(options: CheckpointListInput, context: CommandContext): Promise<void> {
  const { listCheckpoints } = await import('../../service/checkpoint/listing.ts');
  const found = await reading(context, (workspace) => listCheckpoints(workspace, options));
  context.output.result(found, () => describeCheckpoints(found.checkpoints, { total: found.total, offset: options.offset }));
}

async function show(text: string, context: CommandContext): Promise<void> {
  const { showCheckpoint } = await import('../../service/checkpoint/listing.ts');
  const checkpoint = await reading(context, (workspace) => showCheckpoint(workspace, text));
  context.output.result({ checkpoint }, () => describeCheckpoint(checkpoint));
}

async function facts(checkpoint: string, options: PromptFactsQuestion, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { findPromptFacts } = await import('../../service/checkpoint/facts.ts');
  const progress = await createProgressView(output, checkpoint);
  const stop = new AbortController();
  const found = await writing(context, { create: 'never' }, (workspace) => {
    const request = { checkpoint, options, signal: stop.signal, onEvent: progress.onEvent };
    const interruptible = { note: 'Stopping after this batch; nothing is kept. Press Ctrl-C again to stop at once.', cancel: () => stop.abort(), kill: () => process.exit(130) };
    return interruption.during(interruptible, () => findPromptFacts(workspace, request)).finally(() => progress.stop());
  });
  output.result({ facts: found }, () => describeFacts(found));
}

type Workspace = Parameters<Parameters<typeof writing>[2]>[0];
type Reports = Parameters<typeof describeCheckpoints>[0];

async function change(context: CommandContext, body: (workspace: Workspace) => Promise<Reports>): Promise<void> {
  const { reportTrash } = await import('../../service/checkpoint/library.ts');
  const { checkpoints, trash } = await writing(context, { create: 'never' }, async (workspace) => ({ checkpoints: await body(workspace), trash: reportTrash(workspace) }));
  context.output.result({ checkpoints, trash }, () => `${describeCheckpoints(checkpoints, { total: checkpoints.length, offset: 0 })}\n${describeTrash(trash)}`);
}

async function empty(context: CommandContext): Promise<void> {
  const { emptyTrash } = await import('../../service/checkpoint/library.ts');
  const emptied = await writing(context, { create: 'never' }, (workspace) => Promise.resolve(emptyTrash(workspace)));
  context.output.result(emptied, () => describeEmptied(emptied));
}

async function exportOne(checkpoint: string, file: string, context: CommandContext): Promise<void> {
  const { exportPrompt } = await import('../../service/checkpoint/export.ts');
  const exported = await reading(context, (workspace) => exportPrompt(workspace, { checkpoint, file }));
  context.output.result(exported, () => `${exported.checkpoint}, float32 [${exported.shape.join(', ')}]: ${exported.file}`);
}

function parseCount(name: string, { least, most }: { least: number; most: number }): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new Problem({ code: 'usage', found: `--${name} ${text.slice(0, 80)}`, expected: `a whole number from ${least} to ${most}`, action: 'Correct it, or leave it out.' });
  };
}

function requireName(text: string): string {
  const name = text.trim();
  if (name.length >= 1 && name.length <= 200) return name;
  throw new Problem({ code: 'pin-name-invalid', found: `a name of ${name.length} characters`, expected: '1 to 200', action: 'Give a short name; longer text goes into --note.' });
}
