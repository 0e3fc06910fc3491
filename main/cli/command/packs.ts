/** `souffleur packs …` */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { PackReport } from '../../contract/api/packs.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import type { CommandContext } from '../context.ts';
import { describeExport, describePack, describePackList, describePackRun } from '../pack-text.ts';
import { createProgressView } from '../progress.ts';
import { reading, writing } from '../workspace-access.ts';

const help = `
PACK is an imported pack (p0001), or a file or folder: a .promptpack, a PEFT adapter, a NumPy array, a PyTorch state dict, a safetensors file.
What such a file does not say is given with --model, --task and --labels.

Examples:
  souffleur packs export r0001 --output rte.promptpack --licence CC0-1.0
  souffleur packs export r0001 r0002 r0003 --folder ./for-peft
  souffleur packs inspect rte.promptpack
  souffleur packs import sst2.npy --model base --task sst2
  souffleur packs run p0001 --input new.jsonl --json
  souffleur tune --model base --task rte --train train.jsonl --set init=checkpoint:OBJECT   (the object that inspect shows)`;

interface FactOptions {
  model?: string;
  task?: string;
  labels?: string;
}

export function addPacksCommands(program: Command, context: CommandContext): void {
  const packs = program.command('packs').description('give prompts away, receive and ask them').addHelpText('after', help);
  withFacts(packs.command('inspect <pack>').description('check a pack through and show what it holds; needs no model and keeps nothing'))
    .action((pack: string, options: FactOptions) => inspect(pack, options, context));
  withFacts(packs.command('verify <pack>').description('say whether a pack is whole, and with --model whether it fits that model'))
    .action((pack: string, options: FactOptions) => verify(pack, options, context));
  withFacts(packs.command('import <pack>').description('check a pack through and keep its prompts in the workspace'))
    .action((pack: string, options: FactOptions) => take(pack, options, context));
  packs.command('list').description('list the packs of the workspace').option('--trash', 'those in the trash').action((options: { trash?: true }) => list(options, context));
  packs
    .command('export <prompts...>')
    .description('write prompts of runs (r0001 for the best, r0001/300 for a step) or an imported pack (p0001) to a pack')
    .option('--output <file>', 'a .promptpack')
    .option('--folder <folder>', 'a new folder that PEFT opens as it is, in the place of a file')
    .option('--title <text>', 'what to call it')
    .option('--licence <text>', 'under which terms it is given away')
    .option('--hub-id <owner/name>', 'where others get the base model')
    .action((prompts: string[], options: ExportOptions) => write(prompts, options, context));
  withFacts(packs.command('run <pack>').description('let a pack answer a file, with or without labels'))
    .requiredOption('--input <file>', 'a data file in the pack’s task format')
    .option('--output <file>', 'write the answers there, one JSON object a line')
    .option('--threads <n>', 'how many threads compute')
    .action((pack: string, options: RunOptions) => run(pack, options, context));
  packs.command('remove <pack>').description('move a pack to the trash').action((pack: string) => change(context, async (workspace) => {
    const { removePack } = await import('../../service/pack/packs.ts');
    return removePack(workspace, pack);
  }));
  packs.command('restore <pack>').description('take it back from the trash').action((pack: string) => change(context, async (workspace) => {
    const { restorePack } = await import('../../service/pack/packs.ts');
    return restorePack(workspace, pack);
  }));
}

function withFacts(command: Command): Command {
  return command
    .option('--model <name>', 'the model that the prompts were trained for')
    .option('--task <format>', 'the task that they were trained for')
    .option('--labels <words>', 'its labels in order, word or value=word, with commas between');
}

function readFacts({ model, task, labels }: FactOptions) {
  return { model: model ?? null, task: task ?? null, labels: labels?.split(',') ?? null };
}

/** A pack can be looked at where there is no workspace yet. */
async function look(pack: string, options: FactOptions, context: CommandContext): Promise<PackReport> {
  const { inspectPack } = await import('../../service/pack/packs.ts');
  const { parsePackId } = await import('../../store/identifiers.ts');
  const { existsSync } = await import('node:fs');
  const { join } = await import('node:path');
  const facts = readFacts(options);
  const needsWorkspace = parsePackId(pack) !== null || facts.model !== null;
  if (!needsWorkspace && !existsSync(join(context.workspaceDirectory(), 'souffleur.db'))) return inspectPack(null, pack, facts);
  return reading(context, (workspace: ReadableWorkspace) => inspectPack(workspace, pack, facts));
}

async function inspect(pack: string, options: FactOptions, context: CommandContext): Promise<void> {
  const report = await look(pack, options, context);
  context.output.result(report, () => describePack(report));
}

async function verify(pack: string, options: FactOptions, context: CommandContext): Promise<void> {
  const { origin, source, manifest: { entries, prompts, base }, remarks } = await look(pack, options, context);
  const report = { isWhole: true, origin, source, prompts: prompts.length, files: entries, base, fitsModel: options.model ?? null, remarks };
  const model = options.model === undefined ? '' : ` It fits the model ${options.model}${base.fingerprint === null ? ' as far as its width' : ''}.`;
  context.output.result(report, () => [`Whole: ${prompts.length} ${prompts.length === 1 ? 'prompt' : 'prompts'} in ${entries.length} files, all as their hashes say.${model}`, ...remarks].join('\n'));
}

async function take(pack: string, options: FactOptions, context: CommandContext): Promise<void> {
  const { importPack } = await import('../../service/pack/packs.ts');
  const report = await writing(context, { create: 'if-missing' }, (workspace) => importPack(workspace, pack, readFacts(options)));
  context.output.result(report, () => describePack(report));
}

async function list({ trash }: { trash?: true }, context: CommandContext): Promise<void> {
  const { listPacks } = await import('../../service/pack/packs.ts');
  const packs = await reading(context, (workspace) => listPacks(workspace, { trash: trash === true ? 'only' : 'without' }));
  context.output.result({ packs }, () => describePackList(packs));
}

interface ExportOptions {
  output?: string;
  folder?: string;
  title?: string;
  licence?: string;
  hubId?: string;
}

async function write(prompts: readonly string[], { output: file, folder, title, licence, hubId }: ExportOptions, context: CommandContext): Promise<void> {
  const { exportPack } = await import('../../service/pack/pack-export.ts');
  const { parsePackId } = await import('../../store/identifiers.ts');
  const { Problem } = await import('../../contract/problem.ts');
  const path = file ?? folder;
  if (path === undefined || (file !== undefined && folder !== undefined)) {
    throw new Problem({ code: 'pack-target-needed', found: path === undefined ? 'no place for the pack' : 'both a file and a folder', expected: 'one of --output and --folder', action: 'Name one.' });
  }
  const [only] = prompts;
  const isPack = prompts.length === 1 && only !== undefined && parsePackId(only) !== null;
  const report = await reading(context, (workspace) => exportPack(workspace, {
    source: isPack ? { kind: 'pack', pack: only } : { kind: 'checkpoints', checkpoints: prompts },
    path, form: file === undefined ? 'folder' : 'file', title: title ?? null, licence: licence ?? null, hubId: hubId ?? null,
  }));
  context.output.result(report, () => describeExport(report));
}

interface RunOptions extends FactOptions {
  input: string;
  output?: string;
  threads?: string;
}

/** In a terminal; everything else is asked for. */
const shownAnswers = 20;

async function run(pack: string, options: RunOptions, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { pageAnswers, runPack } = await import('../../service/pack/pack-run.ts');
  const { copyFileSync } = await import('node:fs');
  const threads = Math.max(1, Math.trunc(Number(options.threads ?? availableParallelism())) || 1);
  const progress = await createProgressView(output, pack);
  const stop = new AbortController();
  const note = 'Stopping after this batch; nothing is kept. Press Ctrl-C again to stop at once.';
  const work = async (workspace: Workspace) => {
    const report = await runPack(workspace, { pack, input: options.input, ...readFacts(options), runtime: { provider: 'cpu', threads }, signal: stop.signal, onEvent: progress.onEvent });
    if (options.output !== undefined) copyFileSync(report.answers, options.output);
    // With a file to read them from, an answer for a script need not hold them, too.
    const limit = output.isJson ? (options.output === undefined ? report.examples : 0) : shownAnswers;
    return { report, rows: (await pageAnswers(workspace, { answersObject: report.answersObject, offset: 0, limit })).rows };
  };
  const { report, rows } = await writing(context, { create: 'never' }, (workspace) =>
    interruption.during({ note, cancel: () => stop.abort(), kill: () => process.exit(130) }, () => work(workspace)).finally(() => progress.stop()));
  output.result({ ...report, output: options.output ?? null, rows }, () => describePackRun(report, rows));
}

async function change(context: CommandContext, body: (workspace: Workspace) => Promise<PackReport>): Promise<void> {
  const report = await writing(context, { create: 'never' }, body);
  context.output.result(report, () => describePack(report));
}
