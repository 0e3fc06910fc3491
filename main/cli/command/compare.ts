/** `souffleur compare` */
import { Option, type Command } from 'commander';
import type { PublishedResult } from '../../contract/api/published.ts';
import type { ComparisonReport, Quadrant } from '../../contract/comparison.ts';
import { Problem } from '../../contract/problem.ts';
import { describeComparison } from '../comparison-text.ts';
import type { CommandContext } from '../context.ts';
import { describePublished } from '../published-text.ts';
import { reading } from '../workspace-access.ts';

interface CompareOptions {
  split: 'dev' | 'test';
  common?: true;
  show?: Quadrant[];
  limit: number;
  export: string[];
  latex: 'document' | 'tabular';
  table: 'runs' | 'pairs' | 'examples';
  published?: true;
}

const quadrants = ['both-right', 'only-a', 'only-b', 'both-wrong'] as const satisfies readonly Quadrant[];

const help = `
The runs are joined by example id. A is the first of a pair, B the second.

Examples:
  souffleur compare r0001 r0002
  souffleur compare r0001 r0002 --show only-a --limit 50
  souffleur compare r0001 r0002 r0003 --export table.tex --latex tabular --export all.json`;

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

export function addCompareCommand(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('hold finished runs against each other over the same examples; works while another process trains')
    .argument('<runs...>', 'two runs or more, such as r0001 r0002')
    .addOption(new Option('--split <split>', 'whose answers').choices(['test', 'dev']).default('test'))
    .option('--common', 'runs over different files: compare them on the examples they share')
    .addOption(new Option('--show <which>', 'examples to list: both-right, only-a, only-b or both-wrong; may be repeated (default: only-a and only-b)').argParser(collectQuadrant))
    .addOption(new Option('--limit <n>', 'list at most so many of each').argParser(parseLimit).default(10))
    .addOption(new Option('--export <file>', 'write a file too: .tex, .md, .csv or .json; may be repeated').argParser(collect).default([], 'none'))
    .addOption(new Option('--latex <form>', 'a .tex file: every table as a document that compiles, or one bare tabular').choices(['document', 'tabular']).default('document'))
    .addOption(new Option('--table <table>', 'the table of a .csv file or a bare tabular').choices(['runs', 'pairs', 'examples']).default('runs'))
    .option('--published', 'show beside them what papers print for this task and these methods')
    .addHelpText('after', help)
    .action((runs: string[], options: CompareOptions) => compare(runs, options, context));
}

async function compare(texts: readonly string[], options: CompareOptions, context: CommandContext): Promise<void> {
  const { parseExportFiles, writeComparisonExports } = await import('../../service/export-file.ts');
  const { compareRuns } = await import('../../service/comparison.ts');
  const { parseRunId } = await import('../../store/identifiers.ts');
  const files = parseExportFiles(options.export);
  const runs = texts.map(parseRunId);
  const report = await reading(context, (workspace) => compareRuns(workspace, { runs, split: options.split, scope: options.common === true ? 'common' : 'all' }));
  const shown = { quadrants: options.show ?? ['only-a', 'only-b'], limit: options.limit } as const;
  writeComparisonExports(report, files, { latex: options.latex, table: options.table, shown });
  const exported = files.map(({ path }) => path);
  const published = options.published === true ? await findPublished(report) : null;
  context.output.result({ comparison: report, exports: exported, ...(published === null ? {} : { published }) }, () => [describeComparison(report, shown), describePublished(published ?? []), exported.map((path) => `Written: ${path}`).join('\n')].filter((part) => part !== '').join('\n\n'));
}

/** Apart from the report: nothing of it enters a statistic. */
async function findPublished({ task, runs }: ComparisonReport): Promise<PublishedResult[]> {
  const { findPublishedFor } = await import('../../service/published.ts');
  return findPublishedFor({ formats: [task], methods: runs.map(({ method }) => method) });
}

function collectQuadrant(text: string, earlier: Quadrant[] | undefined): Quadrant[] {
  const quadrant = quadrants.find((known) => known === text);
  if (quadrant !== undefined) return [...new Set([...(earlier ?? []), quadrant])];
  throw new Problem({ code: 'show-unknown', found: `--show ${text.slice(0, 80)}`, expected: `one of ${quadrants.join(', ')}`, action: 'Choose one of these; repeat --show for several.' });
}

function parseLimit(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Problem({ code: 'limit-invalid', found: `--limit ${text.slice(0, 80)}`, expected: 'a whole number, 0 or more', action: 'Write it as in --limit 20.' });
}
