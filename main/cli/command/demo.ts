/** `souffleur demo` */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { RunSummary } from '../../service/run-report.ts';
import { commandText } from '../command-text.ts';
import type { CommandContext } from '../context.ts';
import { describeDemo } from '../demo-text.ts';
import { durationText } from '../number-text.ts';
import { writing } from '../workspace-access.ts';

export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('the whole point in minutes, without a network: prompts, their vote and full tuning on a built-in model and tasks')
    .option('--full', 'all built-in tasks; takes an hour or two')
    .addHelpText('after', '\nCtrl-C saves everything; the same command goes on.')
    .action((options: { full?: boolean }) => demo(options, context));
}

async function demo({ full }: { full?: boolean }, context: CommandContext): Promise<void> {
  const startMs = performance.now();
  const { findDemoFile, findDifference, summariseDemo } = await import('../../service/demo.ts');
  const { buildStudyDetails } = await import('../../service/study/study-report.ts');
  const { writeStudyPage } = await import('../../service/study/study-page.ts');
  const { runStudyFile } = await import('../study-run.ts');
  const wayOn = wayOnOf(context.argumentList);
  const runtime = { provider: 'cpu', threads: availableParallelism() } as const;
  const result = await writing(context, { create: 'if-missing', goesOn: true }, async (workspace) => {
    const study = await runStudyFile(workspace, { file: findDemoFile({ isFull: full === true }), again: 'if-changed', runtime, wayOn }, context);
    context.output.note('Comparing, and writing the report …');
    const details = await buildStudyDetails(workspace, study);
    const { summariseRun } = await import('../../service/run-report.ts');
    const { parseRunId } = await import('../../store/identifiers.ts');
    const runs = details.report.cells.flatMap((cell) => cell.runs).map(({ runId }) => summariseRun(workspace, parseRunId(runId)));
    const page = await writeStudyPage(workspace, { study, details, facts: await collectFacts(runs, wayOn) });
    return { details, page };
  });
  const { details, page } = result;
  const { report } = details;
  const seconds = (performance.now() - startMs) / 1000;
  const tasks = summariseDemo(report);
  const { name, fingerprint, parameterCount } = report.model;
  context.output.result(
    { seconds, backbone: { name, fingerprint, parameters: parameterCount }, split: report.split, tasks, report: page },
    () => describeDemo({ report, tasks, difference: findDifference(details), page, seconds }),
  );
}

async function collectFacts(runs: readonly RunSummary[], command: string): Promise<{ label: string; value: string }[]> {
  const { readVersions } = await import('../../service/versions.ts');
  const devices = [...new Set(runs.flatMap(({ device }) => device ?? []))];
  return [
    { label: 'Device', value: devices.join('; ') },
    { label: 'Versions', value: Object.entries(readVersions()).map(([name, version]) => `${name} ${version}`).join(', ') },
    { label: 'Training', value: `${durationText(runs.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0))} in ${runs.length} runs; runs that shared a model count their shared time each` },
    { label: 'Command', value: command },
  ];
}

/** As it was started: by npm, whose own options come before `--`. */
function wayOnOf(argumentList: readonly string[]): string {
  if (process.env['npm_lifecycle_event'] !== 'demo') return commandText(['souffleur', ...argumentList]);
  const own = argumentList.filter((word, index) => word !== 'demo' || index !== argumentList.indexOf('demo'));
  return commandText(['npm', 'run', 'demo', ...(own.length === 0 ? [] : ['--', ...own])]);
}
