/** `souffleur runs reproduce` */
import type { Command } from 'commander';
import type { ReproductionReport } from '../../contract/api/reproductions.ts';
import { Problem } from '../../contract/problem.ts';
import type { CommandContext } from '../context.ts';
import { createProgressView } from '../progress.ts';
import { formatTable } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

interface ReproduceOptions {
  threads?: number;
  against?: string;
}

const help = `
The run is made again with its own settings, seed, data and model, and held against the first: the same bytes, the same within tolerance,
or different, and what was not the same around it. Changed data or another model are refused.

Examples:
  souffleur runs reproduce r0001
  souffleur runs reproduce r0001 --threads 4
  souffleur runs reproduce r0001 --against r0007`;

/** @param runs `souffleur runs` */
export function addReproduceCommand(runs: Command, context: CommandContext): void {
  runs
    .command('reproduce <run>')
    .description('make a finished run again, and say whether the same came out')
    .option('--threads <n>', 'processor threads (default: the run’s own)', parseThreads)
    .option('--against <run>', 'make nothing: hold this run against it')
    .addHelpText('after', help)
    .action((run: string, options: ReproduceOptions) => (options.against === undefined ? reproduce(run, options, context) : compare(run, options.against, context)));
}

async function reproduce(text: string, { threads }: ReproduceOptions, context: CommandContext): Promise<void> {
  const { createReproduction, executeReproduction } = await import('../../service/reproduction.ts');
  const { parseRunId } = await import('../../store/identifiers.ts');
  const id = parseRunId(text);
  const report = await writing(context, { create: 'never' }, async (workspace) => {
    const run = await createReproduction(workspace, { run: id, threads: threads ?? null });
    const progress = await createProgressView(context.output, `${run.id} as ${id}`);
    try {
      const execution = executeReproduction(workspace, run, { onEvent: progress.onEvent });
      return await context.interruption.during(execution, () => execution.finished);
    } finally {
      progress.stop();
    }
  });
  tell(report, context);
}

async function compare(original: string, reproduction: string, context: CommandContext): Promise<void> {
  const { reportReproduction } = await import('../../service/reproduction.ts');
  const { parseRunId } = await import('../../store/identifiers.ts');
  const ids = { original: parseRunId(original), reproduction: parseRunId(reproduction) };
  tell(await reading(context, (workspace) => reportReproduction(workspace, ids)), context);
}

/** A script asks by the exit code: 1 for a run that came out differently. */
function tell(report: ReproductionReport, { output }: CommandContext): void {
  if (report.verdict === 'different') output.exitCode = 1;
  output.result({ reproduction: report }, () => describe(report));
}

const words = { identical: 'identical', 'within-tolerance': 'same within tolerance', different: 'different' } as const;

function describe({ sentence, findings, circumstances }: ReproductionReport): string {
  const found = formatTable([['what', 'result', 'detail'], ...findings.map(({ what, verdict, detail }) => [what.replace('-', ' '), words[verdict], detail])]);
  const around = circumstances.length === 0 ? '' : formatTable([['not the same', 'then', 'now'], ...circumstances.map(({ what, original, reproduction }) => [what, original, reproduction])]);
  return [sentence, found, around].filter((text) => text !== '').join('\n\n');
}

function parseThreads(text: string): number {
  const threads = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= 1024) return threads;
  throw new Problem({ code: 'threads-invalid', found: `--threads ${text.slice(0, 80)}`, expected: 'a whole number from 1 to 1024', action: 'Leave it out for the run’s own.' });
}
