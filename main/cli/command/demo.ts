/** `souffleur demo` */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { commandText } from '../../service/command-words.ts';
import type { CommandContext } from '../context.ts';
import { describeDemo } from '../demo-text.ts';
import { writing } from '../workspace-access.ts';

export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('the whole point in minutes, without a network: prompts, their vote and full tuning on a built-in model and tasks')
    .option('--full', 'all built-in tasks; takes most of an hour')
    .addHelpText('after', '\nCtrl-C saves everything; the same command goes on.')
    .action((options: { full?: boolean }) => demo(options, context));
}

async function demo({ full }: { full?: boolean }, context: CommandContext): Promise<void> {
  const startMs = performance.now();
  const { findDemoFile, findDifference, summariseDemo } = await import('../../service/demo.ts');
  const { buildStudyDetails } = await import('../../service/study/study-report.ts');
  const { defaultPageFile, writeStudyPage } = await import('../../service/study/study-page.ts');
  const { runStudyFile } = await import('../study-run.ts');
  const wayOn = wayOnOf(context.argumentList);
  const runtime = { provider: 'cpu', threads: availableParallelism() } as const;
  const result = await writing(context, { create: 'if-missing', goesOn: true }, async (workspace) => {
    const study = await runStudyFile(workspace, { file: findDemoFile({ isFull: full === true }), again: 'if-changed', runtime, wayOn }, context);
    context.output.note('Comparing, and writing the report …');
    const details = await buildStudyDetails(workspace, study);
    const page = defaultPageFile(workspace, study);
    await writeStudyPage(workspace, { study, details, command: wayOn, file: page });
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

/** As it was started: by npm, whose own options come before `--`. */
function wayOnOf(argumentList: readonly string[]): string {
  if (process.env['npm_lifecycle_event'] !== 'demo') return commandText(['souffleur', ...argumentList]);
  const own = argumentList.filter((word, index) => word !== 'demo' || index !== argumentList.indexOf('demo'));
  return commandText(['npm', 'run', 'demo', ...(own.length === 0 ? [] : ['--', ...own])]);
}
