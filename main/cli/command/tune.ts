/** `souffleur tune` */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { Problem } from '../../contract/problem.ts';
import type { RunReport } from '../../service/run-report.ts';
import type { RunGroup } from '../../service/run-group.ts';
import type { RuntimeChoice } from '../../service/run-config.ts';
import type { TuneRequest } from '../../service/runs.ts';
import type { Workspace } from '../../store/workspace.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { describeRuns } from '../run-text.ts';
import { writing } from '../workspace-access.ts';

export interface TuneOptions {
  model?: string;
  pvp?: string;
  task?: string;
  train?: string;
  dev?: string;
  test?: string;
  method?: string;
  set: string[];
  seed?: number[];
  together?: true;
  threads?: number;
  provider?: RuntimeChoice['provider'];
  labels?: string[];
  fewShot?: number;
  dataSeed?: number;
  resume?: string[];
}

/** The first of PPT's seeds. */
const defaultDataSeed = 10;

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

const help = `
Several seeds make several runs, one after another; with --together, which needs a method that trains a prompt, in shared passes over one
frozen model: the same results in less time. Each is a run of its own all the same. An unknown --set key lists all keys with their defaults.

Examples:
  souffleur tune --model base --task rte --train train.jsonl --dev val.jsonl --method prompt-tuning --set steps=1000 --set promptLength=20
  souffleur tune --model base --task classification --train reviews.csv --labels 0=negative,1=positive --method full-tuning --seed 1,2,3
  souffleur tune --model base --task rte --train train.jsonl --dev val.jsonl --method prompt-tuning --seed 1,2,3,4,5 --together
  souffleur tune --model base --task boolq --train train.jsonl --test val.jsonl --method prompt-tuning --few-shot 32 --data-seed 20 --seed 10,20,30,40,50
  souffleur tune --model base --task sst2 --train train.tsv --dev dev.tsv --method prompt-design --set "instruction=Is the review positive or negative?" --set shots=4
  souffleur tune --model base --task sst2 --pvp hybrid.json --train train.tsv --dev dev.tsv --method prompt-tuning
  souffleur tune --model base --pvp my-rte/hybrid@2 --train train.jsonl --dev val.jsonl --method prompt-tuning
  souffleur tune --resume r0001
  souffleur tune --resume r0001,r0002,r0003
  souffleur tune --resume r0001 --together`;

export function addTuneCommand(program: Command, context: CommandContext): void {
  const command = program.command('tune').description('train a prompt (or the whole model) on a task, evaluate it, keep its checkpoints');
  addRequestOptions(command)
    .option('--together', 'train all seeds in one pass; with --resume, go on with all runs of the run’s group')
    .option('--resume <runs>', 'go on with runs that were stopped, exactly as they began: r0001 or r0001,r0002', (text: string) => text.split(','))
    .addHelpText('after', help)
    .action((options: TuneOptions) => tune(options, context));
}

/** What says which run is meant, wherever one can be asked for. */
export function addRequestOptions(command: Command): Command {
  return command
    .option('--model <name>', 'a model of the workspace')
    .option('--task <format>', 'the task format of the files; see: souffleur data inspect FILE')
    .option('--pvp <pvp>', 'how rows become text and which word says which class: a JSON file, or TASK/PVP[@version] of the task library')
    .option('--train <file>', 'examples to train on')
    .option('--dev <file>', 'examples that choose the best checkpoint')
    .option('--test <file>', 'examples looked at once, with the best checkpoint')
    .option('--method <method>', 'prompt-tuning, full-tuning, or prompt-design, which trains nothing: zero-shot without settings')
    .option('--set <key=value>', 'a setting of the method; may be repeated', collect, [])
    .option('--seed <seeds>', 'one seed or several: 1,2,3 (default: 0)', parseSeeds)
    .option('--threads <n>', 'processor threads (default: all)', parseThreads)
    .addOption(new Option('--provider <provider>', 'device (default: cpu); see: souffleur devices').choices(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']))
    .option('--labels <labels>', 'classes of a task for any classes: a,b or value=word,value=word', (text: string) => text.split(','))
    .option('--few-shot <n>', 'train on n examples drawn from the training file, as many of every class; without --dev on n others choose', parseFewShot)
    .option('--data-seed <seed>', 'seed of that draw, apart from the runs’ seeds (default: 10)', parseDataSeed);
}

async function tune(options: TuneOptions, context: CommandContext): Promise<void> {
  const work = options.resume === undefined ? startNew(requireRequest(options, context), options) : resume(options.resume, options);
  const runs = await writing(context, { create: 'never' }, (workspace) => work(workspace, context));
  context.output.result({ runs }, () => [describeRuns(runs), ...runs.map(({ id, promptFile, checkpoint }) => `${id}: ${promptFile ?? checkpoint ?? 'no checkpoint'}`)].join('\n'));
}

/** A pattern of the task library says which format its task has. */
type AskedRun = Omit<TuneRequest, 'format'> & { format: string | null };

type Work = (workspace: Workspace, context: CommandContext) => Promise<RunReport[]>;

function startNew(request: AskedRun, { seed: seeds = [0], together, pvp }: TuneOptions): Work {
  return async (workspace, context) => {
    const { planRun } = await import('../../service/runs.ts');
    const { createRunGroup } = await import('../../service/run-group.ts');
    const plan = await planRun(workspace, await settleTask(workspace, request, pvp));
    const reports: RunReport[] = [];
    for (const group of together === true ? [seeds] : seeds.map((seed) => [seed])) {
      // Only when it is its turn: seeds after a failure or a Ctrl-C leave no row.
      reports.push(...await performRuns(workspace, createRunGroup(workspace, plan, { seeds: group }), { resume: false, context }));
    }
    return reports;
  };
}

/** With the format that a pattern of the task library has, and the pattern itself. */
export async function settleTask(workspace: Workspace, request: AskedRun, pvp: string | undefined): Promise<TuneRequest> {
  const { choosePvp } = await import('../../service/pvp-reference.ts');
  const { format, labels } = request;
  const task = pvp === undefined ? { format: format ?? '', labels } : await choosePvp(workspace, { text: pvp, folder: '.' }, { format, labels });
  return { ...request, ...task };
}

function resume(texts: readonly string[], options: TuneOptions): Work {
  const { set, resume: _resume, together, ...others } = options;
  const given = [...Object.keys(others), ...(set.length > 0 ? ['set'] : [])];
  if (given.length > 0) throw resumeTakesNothing(given);
  return async (workspace, context) => {
    const { listUnfinished, prepareGroupResume } = await import('../../service/run-group.ts');
    const { parseRunId } = await import('../../store/identifiers.ts');
    const named = texts.map((text) => parseRunId(text.trim()));
    const ids = together === true ? named.flatMap((id) => listUnfinished(workspace, id)) : named;
    return performRuns(workspace, await prepareGroupResume(workspace, ids), { resume: true, context });
  };
}

/** Trains runs of a group to their end, with their progress on standard error and Ctrl-C saving their states. */
export async function performRuns(workspace: Workspace, runs: RunGroup, { resume, context }: { resume: boolean; context: CommandContext }): Promise<RunReport[]> {
  const { executeRunGroup } = await import('../../service/run-execution.ts');
  const { reportRun } = await import('../../service/run-report.ts');
  const progress = await createProgressView(context.output, titleOf(runs));
  try {
    const execution = executeRunGroup(workspace, runs, { resume, onEvent: progress.onEvent });
    await context.interruption.during(execution, () => execution.finished);
  } finally {
    progress.stop();
  }
  return runs.map(({ id }) => reportRun(workspace, id));
}

function titleOf(runs: RunGroup): string {
  const [{ id, seed }] = runs;
  const last = runs.at(-1);
  return last === undefined || runs.length === 1 ? `${id} seed ${seed}` : `${id}–${last.id} together`;
}

export function requireRequest(options: TuneOptions, context: CommandContext): AskedRun {
  const { model, task, pvp, train, method, dev, test, labels, fewShot, dataSeed, threads, provider, set } = options;
  if (model === undefined || (task ?? pvp) === undefined || train === undefined || method === undefined) {
    const missing = Object.entries({ model, task: task ?? pvp, train, method }).filter(([, value]) => value === undefined).map(([name]) => `--${name}`);
    throw new Problem({
      code: 'usage', found: `no ${missing.join(', ')}`, expected: '--model, --task (or --pvp TASK/PVP), --train and --method, or --resume RUN alone', action: 'See the help: souffleur tune --help',
    });
  }
  if (fewShot === undefined && dataSeed !== undefined) {
    throw new Problem({ code: 'usage', found: '--data-seed without --few-shot', expected: 'a draw that it is the seed of', action: 'Add --few-shot 32, or leave it out.' });
  }
  return {
    model, method,
    format: task ?? null,
    files: { train, dev: dev ?? null, test: test ?? null },
    settings: set,
    labels: labels ?? null,
    fewShot: fewShot === undefined ? null : { examples: fewShot, dataSeed: dataSeed ?? defaultDataSeed },
    runtime: { provider: provider ?? 'cpu', threads: threads ?? availableParallelism() },
    command: ['souffleur', ...context.argumentList],
  };
}

/** @throws {Problem} `seed-invalid` */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').map((part) => (/^\d{1,10}$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (seeds.every((seed) => seed < 2 ** 32) && new Set(seeds).size === seeds.length) return seeds;
  throw new Problem({
    code: 'seed-invalid', found: `--seed ${text.slice(0, 80)}`, expected: 'different whole numbers from 0 to 4294967295, with commas between them', action: 'Write it as in --seed 1,2,3.',
  });
}

function parseFewShot(text: string): number {
  const examples = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (examples >= 1) return examples;
  throw new Problem({ code: 'few-shot-invalid', found: `--few-shot ${text.slice(0, 80)}`, expected: 'a whole number of at least 1', action: 'Write it as in --few-shot 32.' });
}

function parseDataSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed < 2 ** 32) return seed;
  throw new Problem({
    code: 'seed-invalid', found: `--data-seed ${text.slice(0, 80)}`, expected: 'one whole number from 0 to 4294967295', action: 'Write it as in --data-seed 20.',
  });
}

function parseThreads(text: string): number {
  const threads = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= 1024) return threads;
  throw new Problem({ code: 'threads-invalid', found: `--threads ${text.slice(0, 80)}`, expected: 'a whole number from 1 to 1024', action: 'Leave it out to use all processors.' });
}

function resumeTakesNothing(given: readonly string[]): Problem {
  return new Problem({
    code: 'usage',
    found: `--resume with ${given.map((name) => `--${name}`).join(', ')}`,
    expected: '--resume RUN, with --together at most: a run goes on exactly as it began',
    action: 'Leave the others out, or start a new run.',
  });
}
