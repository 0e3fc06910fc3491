/** `souffleur eval` */
import type { Command } from 'commander';
import type { Confusion, EvaluationReport } from '../../service/evaluation.ts';
import { countText, lossText, percentText } from '../number-text.ts';
import { createProgressView } from '../progress.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { writing } from '../workspace-access.ts';

export function addEvalCommand(program: Command, context: CommandContext): void {
  program
    .command('eval')
    .description('evaluate a run’s best checkpoint on a file')
    .requiredOption('--run <run>', 'the run, such as r0001')
    .requiredOption('--data <file>', 'a file in the run’s task format')
    .action((options: { run: string; data: string }) => evaluate(options, context));
}

async function evaluate(options: { run: string; data: string }, context: CommandContext): Promise<void> {
  const { output, interruption } = context;
  const { evaluateRun } = await import('../../service/evaluation.ts');
  const { parseRunId } = await import('../../store/identifiers.ts');
  const run = parseRunId(options.run);
  const progress = await createProgressView(output, run);
  const stop = new AbortController();
  const report = await writing(context, { create: 'never' }, (workspace) => {
    const request = { run, dataFile: options.data, signal: stop.signal, onEvent: progress.onEvent };
    return interruption.during({ note: 'Stopping after this batch; nothing is kept. Press Ctrl-C again to stop at once.', cancel: () => stop.abort(), kill: () => process.exit(130) }, () => evaluateRun(workspace, request)).finally(() => progress.stop());
  });
  output.result(report, () => describe(report));
}

function describe(report: EvaluationReport): string {
  const fields = formatFields([
    ['run', `${report.run}, step ${report.step}`],
    ['data', report.data],
    ['examples', report.examples === null ? '–' : countText(report.examples)],
    ...Object.entries(report.scores).map(([name, value]) => [name, percentText(value)] as const),
    ['legal answers', percentText(report.legalRate)],
    ['loss', lossText(report.loss)],
    ['predictions', report.predictions],
  ]);
  return report.confusion === null ? fields : `${fields}\n\n${describeConfusion(report.confusion)}`;
}

function describeConfusion({ labels, counts }: Confusion): string {
  return formatTable([['right ↓ answer →', ...labels, 'no label'], ...counts.map((row, label) => [labels[label] ?? '', ...row.map(String)])]);
}
