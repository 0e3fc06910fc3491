/** `souffleur queue …` */
import type { Command } from 'commander';
import type { QueueReport } from '../../contract/api/queue.ts';
import { Problem } from '../../contract/problem.ts';
import type { Core } from '../../service/core.ts';
import { parseRunId } from '../../store/identifiers.ts';
import { isActive } from '../../store/run-status.ts';
import { durationText } from '../number-text.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { reading, withCore } from '../workspace-access.ts';
import { addRequestOptions, parseSeeds, requireRequest, settleTask, type TuneOptions } from './tune.ts';

interface AddOptions extends TuneOptions {
  run?: string[];
  first?: true;
}

interface DuplicateOptions {
  set: string[];
  seed?: number[];
  first?: true;
}

interface SettingsOptions {
  cpuJobs?: number;
  onError?: string;
  memory?: string;
  restarts?: number;
}

const help = `
An entry is named by its own id (q0001) or by a run in it (r0001). Runs that train together are one entry.

Examples:
  souffleur queue add --model base --task rte --train train.jsonl --dev val.jsonl --method prompt-tuning --seed 1,2,3
  souffleur queue duplicate r0001 --set learningRate=0.1
  souffleur queue move q0003 --before q0001
  souffleur queue run`;

export function addQueueCommands(program: Command, context: CommandContext): void {
  const queue = program.command('queue').description('let runs wait for their turn, in an order that can be changed, and run them').addHelpText('after', help);
  const act = (core: (core: Core) => QueueReport | Promise<QueueReport>): Promise<void> => change(context, core);
  queue.command('list').description('show what waits; works while another process trains').action(() => list(context));
  addRequestOptions(queue.command('add').description('make runs, or take runs that stopped, and give them a turn'))
    .option('--together', 'train all seeds in one pass')
    .option('--run <runs>', 'runs that exist: new, paused, lost, failed or cancelled ones', (text: string) => text.split(','))
    .option('--first', 'before all others')
    .action((options: AddOptions) => add(options, context));
  queue.command('move <entry>').description('change the order').option('--before <entry>', 'without it, to the end')
    .action((entry: string, { before }: { before?: string }) => act((core) => core.queue.move(entry, { before: before ?? null })));
  queue.command('pause [entry]').description('let an entry wait, or the whole queue').action((entry?: string) => act(({ queue: q }) => (entry === undefined ? q.pauseQueue() : q.pause(entry))));
  queue.command('resume [entry]').description('the opposite').action((entry?: string) => act(({ queue: q }) => (entry === undefined ? q.resumeQueue() : q.resume(entry))));
  queue.command('cancel <entry>').description('take an entry out; what it has done stays').action((entry: string) => act((core) => core.queue.cancel(entry)));
  queue.command('stop <entry>').description('train no further: when its turn comes it ends with the best of what it has').action((entry: string) => act((core) => core.queue.stopAndKeepBest(entry)));
  queue.command('put-back').description('let all lost runs wait for their turn again').action(() => act((core) => core.queue.putBack()));
  queue.command('duplicate <run>').description('a new run from an old one, with changes')
    .option('--set <key=value>', 'a setting to change; may be repeated', (value: string, earlier: string[]) => [...earlier, value], [])
    .option('--seed <seeds>', 'other seeds than the old one’s', parseSeeds)
    .option('--first', 'before all others')
    .action((run: string, options: DuplicateOptions) => duplicate(run, options, context));
  queue.command('run').description('run what waits, until nothing does').action(() => run(context));
  queue.command('settings').description('show or change how the queue works')
    .option('--cpu-jobs <n>', 'entries on the processor at once', Number)
    .option('--on-error <what>', 'continue or pause')
    .option('--memory <what>', 'wait, refuse or ignore: for an entry that needs more memory than is free')
    .option('--restarts <n>', 'of a fallen worker in a row', Number)
    .action((options: SettingsOptions) => settings(options, context));
}

async function list(context: CommandContext): Promise<void> {
  const { reportQueue } = await import('../../service/queue/queue-report.ts');
  const report = await reading(context, (workspace) => reportQueue(workspace, null));
  context.output.result(report, () => describeQueue(report));
}

async function change(context: CommandContext, body: (core: Core) => QueueReport | Promise<QueueReport>): Promise<void> {
  const report = await withCore(context, body);
  context.output.result(report, () => describeQueue(report));
}

async function add({ run: texts, first, seed: seeds = [0], together = undefined, pvp, ...options }: AddOptions, context: CommandContext): Promise<void> {
  const place = first === true ? 'first' : 'last';
  if (texts !== undefined) return change(context, (core) => core.queue.add(texts, { place }));
  const request = requireRequest({ ...options, ...(pvp === undefined ? {} : { pvp }) }, context);
  const { createRuns } = await import('../../service/run-library.ts');
  const made = await withCore(context, async (core) => createRuns(core, await settleTask(core.workspace, request, pvp), { seeds, together: together === true, place }));
  context.output.result(made, () => `${made.runs.join(', ')} queued as ${made.entries.join(', ')}. Run the queue with: souffleur queue run`);
}

async function duplicate(text: string, { set, seed, first }: DuplicateOptions, context: CommandContext): Promise<void> {
  const { duplicateRun } = await import('../../service/run-library.ts');
  const changes = Object.fromEntries(set.map(splitAssignment));
  const made = await withCore(context, (core) => duplicateRun(core, text, {
    settings: changes, seeds: seed ?? null, runtime: null, place: first === true ? 'first' : 'last', command: ['souffleur', ...context.argumentList],
  }));
  context.output.result(made, () => `${made.runs.join(', ')} queued as ${made.entries.join(', ')}`);
}

function splitAssignment(text: string): [key: string, value: string] {
  const split = text.indexOf('=');
  if (split > 0) return [text.slice(0, split).trim(), text.slice(split + 1)];
  throw new Problem({ code: 'setting-form', found: `the setting ${JSON.stringify(text.slice(0, 80))}`, expected: 'key=value', action: 'Write it as in --set steps=1000.' });
}

/** Until nothing waits: paused and lost entries stay. */
async function run(context: CommandContext): Promise<void> {
  const report = await withCore(context, async (core) => {
    let title = '';
    const progress = await createProgressView(context.output, { title: () => title, more: () => '' });
    const stop = new AbortController();
    const told = new Set<string>();
    const tellOnce = (text: string | null): void => {
      if (text === null || told.has(text)) return;
      told.add(text);
      context.output.note(text);
    };
    const watching = (async () => {
      for await (const { event } of core.events.watch(core.events.position(), stop.signal)) {
        if (event.kind === 'run-progress' && event.run === speakerOf(core, event.run)) {
          title = event.run;
          progress.onEvent({ ...event, kind: 'progress', learningRate: null });
        }
        if (event.kind === 'run-warning') tellOnce(`${speakerOf(core, event.run)}: ${event.message}`);
        if (event.kind === 'changed' && event.subject === 'runs' && event.id !== null) tellOnce(describeEnd(core, event.id));
      }
    })();
    try {
      await context.interruption.during({ cancel: () => void core.queue.shutDown(), kill: () => core.queue.killAll() }, async () => {
        await core.queue.start();
        await core.queue.whenIdle();
      });
      if (context.interruption.isAsked) throw interrupted();
      return core.queue.list();
    } finally {
      stop.abort();
      await watching;
      progress.stop();
    }
  });
  context.output.result(report, () => describeQueue(report));
}

/** Runs that train together report as one, by the first that is at work. */
function speakerOf({ workspace }: Core, run: string): string {
  const entry = workspace.queue.list().find(({ runs }) => runs.some(({ id }) => id === run));
  return entry?.runs.find(({ status }) => isActive(status))?.id ?? run;
}

/** @returns null while it goes on. */
function describeEnd({ workspace }: Core, text: string): string | null {
  const { id, status, problem, generation } = workspace.runs.get(parseRunId(text));
  if (status !== 'finished' && status !== 'cancelled' && status !== 'failed') return null;
  return `${id} ${status}${generation > 1 ? ` after ${generation} starts` : ''}${problem === null ? '' : `: ${problem.message}`}`;
}

function interrupted(): Problem {
  return new Problem({
    code: 'queue-interrupted', kind: 'cancelled', found: 'a queue stopped on request', expected: 'an empty one', action: 'Everything is saved. Go on with: souffleur queue run',
  });
}

async function settings(options: SettingsOptions, context: CommandContext): Promise<void> {
  const { queueSettingsSchema } = await import('../../contract/api/queue.ts');
  const asked = queueSettingsSchema.partial().safeParse(options);
  if (!asked.success) {
    const [issue] = asked.error.issues;
    throw new Problem({
      code: 'queue-setting-invalid', found: `${String(issue?.path[0] ?? 'a setting')}: ${issue?.message ?? 'not allowed'}`, expected: 'a value that the setting takes', action: 'See: souffleur queue settings --help',
    });
  }
  const result = await withCore(context, (core) => (Object.keys(options).length === 0 ? core.queue.settings() : core.queue.changeSettings(asked.data)));
  context.output.result(result, () => formatFields(Object.entries(result).map(([name, value]) => [name, String(value)] as const)));
}

function describeQueue({ isPaused, pausedBecause, entries, lost }: QueueReport): string {
  const table = formatTable([
    ['entry', 'state', 'runs', 'method', 'model', 'task', 'seeds', 'starts in', 'takes', ''],
    ...entries.map(({ id, state, runs, startsInSeconds, secondsLeft, waitingFor, stops }) => [
      id, state, runs.map((each) => each.id).join(','), runs[0]?.method ?? '', runs[0]?.model ?? '', runs[0]?.task ?? '', runs.map(({ seed }) => seed).join(','),
      startsInSeconds === null ? '–' : durationText(startsInSeconds), durationText(secondsLeft), waitingFor ?? (stops ? 'stops with the best' : ''),
    ]),
  ]);
  return [
    ...(isPaused ? [`The queue is paused${pausedBecause === null ? '' : `: ${pausedBecause}`}. Go on with: souffleur queue resume`] : []),
    entries.length === 0 ? 'Nothing waits.' : table,
    ...(lost.length === 0 ? [] : [`Interrupted earlier: ${lost.join(', ')}. Let them wait for their turn again with: souffleur queue put-back`]),
  ].join('\n');
}
