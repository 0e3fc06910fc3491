/** `souffleur ensemble …` */
import { Option, type Command } from 'commander';
import type { EnsembleReport } from '../../service/ensembles.ts';
import type { Workspace } from '../../store/workspace.ts';
import { countText, percentText } from '../number-text.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { writing } from '../workspace-access.ts';

const help = `
Most votes win. An answer that is no label abstains. A tie goes to the label with the higher sum of log-probabilities, then to the run
with the best dev score, then to the run named first.

Examples:
  souffleur ensemble vote r0001 r0002 r0003 r0004 r0005 --split test
  souffleur ensemble run r0001 r0002 r0003 --data new.jsonl --json`;

export function addEnsembleCommands(program: Command, context: CommandContext): void {
  const ensemble = program.command('ensemble').description('let the prompts of several runs vote').addHelpText('after', help);
  ensemble
    .command('vote <runs...>')
    .description('vote on what the runs answered on their own dev or test file')
    .addOption(new Option('--split <split>', 'which answers').choices(['dev', 'test']).default('test'))
    .action((runs: string[], options: { split: 'dev' | 'test' }) => vote(runs, options, context));
  ensemble
    .command('run <runs...>')
    .description('answer a file with all prompts in one pass over the frozen model, and vote')
    .requiredOption('--data <file>', 'a file in the runs’ task format')
    .action((runs: string[], options: { data: string }) => run(runs, options, context));
}

async function vote(texts: readonly string[], { split }: { split: 'dev' | 'test' }, context: CommandContext): Promise<void> {
  const { voteOnSplit } = await import('../../service/ensembles.ts');
  const runs = await parseRuns(texts);
  const report = await writing(context, { create: 'never' }, (workspace) => voteOnSplit(workspace, { runs, split }));
  context.output.result(report, () => describe(report));
}

async function run(texts: readonly string[], { data }: { data: string }, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { voteOnData } = await import('../../service/ensembles.ts');
  const runs = await parseRuns(texts);
  const progress = await createProgressView(output, `${runs.length} prompts`);
  const stop = new AbortController();
  const work = (workspace: Workspace): Promise<EnsembleReport> => voteOnData(workspace, { runs, dataFile: data, signal: stop.signal, onEvent: progress.onEvent });
  const note = 'Stopping after this batch; nothing is kept. Press Ctrl-C again to stop at once.';
  const report = await writing(context, { create: 'never' }, (workspace) =>
    interruption.during({ note, cancel: () => stop.abort(), kill: () => process.exit(130) }, () => work(workspace)).finally(() => progress.stop()));
  output.result(report, () => describe(report));
}

async function parseRuns(texts: readonly string[]) {
  const { parseRunId } = await import('../../store/identifiers.ts');
  return texts.flatMap((text) => text.split(',')).map((text) => parseRunId(text.trim()));
}

function describe(report: EnsembleReport): string {
  const { members, average, bestByDev, bestOnData, ensemble } = report;
  const metrics = Object.keys(average);
  const row = (name: string, scores: Readonly<Record<string, number>>): string[] => [name, ...metrics.map((metric) => percentText(scores[metric]))];
  const table = formatTable([
    ['', ...metrics],
    ...members.map(({ runId, seed, scores }) => row(`${runId} seed ${seed}`, scores)),
    row('Average', average),
    ...(bestByDev === null ? [] : [row(`Best by dev (${bestByDev.runId})`, bestByDev.scores)]),
    row(`Best on these examples (${bestOnData.runId})`, bestOnData.scores),
    row('Ensemble', ensemble.scores),
  ]);
  const fields = formatFields([
    ['data', report.data],
    ['examples', countText(report.examples)],
    ['ties', countText(ensemble.ties)],
    ['abstentions', `${countText(ensemble.abstentions)} of ${countText(report.examples * members.length)} answers`],
    ['legal votes', percentText(report.legalRate)],
    ['votes', report.votes],
  ]);
  return `${table}\n\n${fields}`;
}
