/** `souffleur study …` */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { PublishedResult } from '../../contract/api/published.ts';
import { Problem } from '../../contract/problem.ts';
import type { StudyReport } from '../../contract/study.ts';
import type { RuntimeChoice } from '../../service/run-config.ts';
import type { CommandContext } from '../context.ts';
import { commandText } from '../../service/command-words.ts';
import { describeStudy } from '../study-text.ts';
import { describePublished } from '../published-text.ts';
import { formatTable } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

interface RunStudyOptions {
  again?: boolean;
  threads?: number;
  provider?: RuntimeChoice['provider'];
}

interface ShowStudyOptions {
  runs?: true;
  export: string[];
  latex: 'document' | 'tabular';
  html?: string;
  published?: true;
}

const help = `
A study file is YAML; docs/study.md explains it. Starting the same file again goes on where it stopped: finished runs are kept,
interrupted ones go on from their state.

Examples:
  souffleur study run rte-and-cb.yaml
  souffleur study show rte-and-cb --runs
  souffleur study show rte-and-cb --export table.tex --latex tabular --html report.html
  souffleur study list --json`;

export function addStudyCommands(program: Command, context: CommandContext): void {
  const study = program.command('study').description('methods on tasks with seeds: run, go on, show what came out').addHelpText('after', help);
  study
    .command('run <file>')
    .description('run what a study still lacks')
    .option('--again', 'begin anew under the same name; the earlier one stays as NAME@1')
    .option('--threads <n>', 'processor threads (default: those of the settings, or all)', parseThreads)
    .addOption(new Option('--provider <provider>', 'device (default: cpu); see: souffleur devices').choices(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']))
    .action((file: string, options: RunStudyOptions) => run(file, options, context));
  study
    .command('show <name>')
    .description('the table of a study, and its methods compared; works while it runs')
    .option('--runs', 'every run as well')
    .addOption(new Option('--export <file>', 'write a file too: .tex, .md, .csv or .json; may be repeated').argParser((path: string, earlier: string[]) => [...earlier, path]).default([], 'none'))
    .addOption(new Option('--latex <form>', 'a .tex file: every table as a document that compiles, or the scores as one bare tabular').choices(['document', 'tabular']).default('document'))
    .option('--html <file>', 'write a page with charts, curves, votes and examples')
    .option('--published', 'show beside it what papers print for its tasks and methods')
    .action((name: string, options: ShowStudyOptions) => show(name, options, context));
  study.command('list').description('list the studies of the workspace').action(() => list(context));
}

async function run(file: string, options: RunStudyOptions, context: CommandContext): Promise<void> {
  const report = await writing(context, { create: 'if-missing', goesOn: true }, async (workspace) => {
    const { runStudyFile } = await import('../study-run.ts');
    const { buildStudyReport } = await import('../../service/study/study-report.ts');
    const { readSettings } = await import('../../service/settings.ts');
    const again = options.again === true ? 'always' : 'never';
    const threads = options.threads ?? readSettings(workspace).defaultThreads ?? availableParallelism();
    const runtime = { provider: options.provider ?? 'cpu', threads };
    return buildStudyReport(workspace, await runStudyFile(workspace, { file, again, runtime, wayOn: wayOnOf(context.argumentList) }, context));
  });
  context.output.result({ study: report }, () => describeStudy(report, { runs: false }));
}

/** The command as it was typed, but for what would begin anew. */
function wayOnOf(argumentList: readonly string[]): string {
  return commandText(['souffleur', ...argumentList.filter((word) => word !== '--again')]);
}

async function show(name: string, options: ShowStudyOptions, context: CommandContext): Promise<void> {
  const { loadStudy } = await import('../../service/study/studies.ts');
  const { buildStudyDetails } = await import('../../service/study/study-report.ts');
  const { parseExportFiles, writeStudyExports } = await import('../../service/export-file.ts');
  const files = parseExportFiles(options.export);
  const report = await reading(context, async (workspace) => {
    const study = loadStudy(workspace, name);
    const details = await buildStudyDetails(workspace, study);
    if (options.html !== undefined) {
      const { writeStudyPage } = await import('../../service/study/study-page.ts');
      await writeStudyPage(workspace, { study, details, command: commandText(['souffleur', 'study', 'run', study.file]), file: resolve(options.html) });
    }
    return details.report;
  });
  writeStudyExports(report, files, { latex: options.latex });
  const written = [...files.map(({ path }) => path), ...(options.html === undefined ? [] : [resolve(options.html)])];
  const published = options.published === true ? await findPublished(report) : null;
  context.output.result({ study: report, exports: written, ...(published === null ? {} : { published }) }, () => [describeStudy(report, { runs: options.runs === true }), ...(published === null ? [] : ['', describePublished(published)]), ...written.map((path) => `Written: ${path}`)].join('\n'));
}

/** Apart from the report: nothing of it enters a statistic. */
async function findPublished({ tasks, methods }: StudyReport): Promise<PublishedResult[]> {
  const { findPublishedFor } = await import('../../service/published.ts');
  return findPublishedFor({ formats: tasks.map(({ format }) => format), methods: methods.map(({ method }) => method) });
}

async function list(context: CommandContext): Promise<void> {
  const { listStudies } = await import('../../service/study/studies.ts');
  const studies = await reading(context, listStudies);
  context.output.result({ studies }, () => studies.length === 0 ? 'No studies yet. Start one with: souffleur study run FILE.yaml' : formatTable([
    ['study', 'model', 'methods', 'tasks', 'finished', 'cells', 'file'],
    ...studies.map((row) => [`${row.name}${row.edition > 1 ? `@${row.edition}` : ''}`, row.model, row.methods.join(', '), row.tasks.join(', '), String(row.finished), String(row.cells), row.file]),
  ]));
}

function parseThreads(text: string): number {
  const threads = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= 1024) return threads;
  throw new Problem({ code: 'threads-invalid', found: `--threads ${text.slice(0, 80)}`, expected: 'a whole number from 1 to 1024', action: 'Leave it out to use all processors.' });
}
