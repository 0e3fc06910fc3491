/** `souffleur datasets …` */
import { Option, type Command } from 'commander';
import type { CheckRequest, ColumnMapping, DatasetPreview, DatasetSummary } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import type { CommandContext } from '../context.ts';
import { describeDetails, describePreview, describeReport } from '../dataset-text.ts';
import { bytesText, countText, durationText } from '../number-text.ts';
import { formatTable } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

interface SourceOptions {
  table?: string;
  encoding?: string;
  delimiter?: string;
  header?: 'auto' | 'present' | 'absent';
  task?: string;
  map?: string[];
  model?: string;
  maxSourceTokens?: string;
  revision?: string;
}

const delimiters: Record<string, string> = { comma: ',', tab: '\t', semicolon: ';', bar: '|', auto: 'auto' };
const hubPrefix = 'hub:';

export function addDatasetsCommands(program: Command, context: CommandContext): void {
  const datasets = program.command('datasets').description('import data, see what is wrong with it, and export it again');
  sourceCommand(datasets, 'import <sources...>', 'import files, a folder, a zip archive or hub:OWNER/NAME into the workspace')
    .option('--name <name>', 'its name (default: the file’s or folder’s)')
    .option('--save-mapping <name>', 'keep the mapping of the columns under this name')
    .addHelpText('after', '\nExample:\n  souffleur datasets import ./SuperGLUE.zip --table BoolQ --name boolq\n  souffleur tune --model base --task boolq --train dataset:boolq/train --dev dataset:boolq/dev')
    .action((sources: string[], options: SourceOptions & { name?: string; saveMapping?: string }) => importSource(sources, options, context));
  sourceCommand(datasets, 'check <sources...>', 'read everything through and say what is wrong with it; nothing is kept')
    .action((sources: string[], options: SourceOptions) => check(sources, options, context));
  sourceCommand(datasets, 'preview <sources...>', 'show the first rows, the mapping of the columns, and what a model would read')
    .option('--split <split>', 'which split of it')
    .option('--rows <n>', 'how many rows of text output', '5')
    .action((sources: string[], options: SourceOptions & { split?: string; rows: string }) => preview(sources, options, context));
  datasets.command('list').description('list the data sets of the workspace').option('--trash', 'those in the trash').action((options: { trash?: true }) => list(options, context));
  datasets.command('show <dataset>').description('show a data set and its report; NAME or NAME@VERSION').action((text: string) => show(text, context));
  datasets
    .command('export <dataset> <file>')
    .description('write a split to a file: NAME/SPLIT or NAME@VERSION/SPLIT')
    .addOption(new Option('--form <form>', 'default: by the file’s name').choices(['csv', 'tsv', 'jsonl', 'json']))
    .option('--replace', 'replace a file that is there')
    .action((text: string, file: string, options: { form?: 'csv' | 'tsv' | 'jsonl' | 'json'; replace?: true }) => exportDataset(text, file, options, context));
  datasets.command('remove <dataset>').description('move to the trash: NAME with all versions, or NAME@VERSION').action((text: string) => move(text, 'trash', context));
  datasets.command('restore <dataset>').description('take out of the trash again').action((text: string) => move(text, 'restore', context));
}

function sourceCommand(parent: Command, usage: string, description: string): Command {
  return parent.command(usage).description(description)
    .option('--table <table>', 'which table, where the source has several')
    .addOption(new Option('--encoding <encoding>', 'of text files (default: UTF-8, or what a byte order mark says)').choices(['auto', 'utf-8', 'windows-1252', 'gb18030', 'shift_jis', 'euc-kr']))
    .addOption(new Option('--delimiter <delimiter>', 'of tables (default: what the file shows)').choices(Object.keys(delimiters)))
    .addOption(new Option('--header <header>', 'whether the first row names the columns (default: what the file shows)').choices(['auto', 'present', 'absent']))
    .option('--task <format>', 'the task format whose roles the columns play (default: the one that fits)')
    .option('--map <role=column...>', 'which column plays which role of the task format')
    .option('--model <name>', 'count tokens as this model reads them')
    .option('--max-source-tokens <n>', 'what counts as too long', '512')
    .option('--revision <revision>', 'of a data set of the hub', 'main');
}

async function requestOf(sources: readonly string[], options: SourceOptions): Promise<CheckRequest> {
  const { checkRequestSchema } = await import('../../contract/api/datasets.ts');
  const [first] = sources;
  const source = first?.startsWith(hubPrefix) === true
    ? { kind: 'hub', id: first.slice(hubPrefix.length), revision: options.revision }
    : { kind: 'paths', paths: sources };
  const parsed = checkRequestSchema.safeParse({
    source, table: options.table ?? null, mapping: mappingOf(options), model: options.model ?? null, sourceTokens: Number(options.maxSourceTokens ?? 512),
    choices: { encoding: options.encoding ?? 'auto', delimiter: delimiters[options.delimiter ?? 'auto'], header: options.header ?? 'auto' },
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Problem({ code: 'option-invalid', found: `${issue?.path.join('.') ?? 'an option'}: ${issue?.message ?? 'not as expected'}`, expected: 'a value as --help says', action: 'Correct the option.' });
}

/** A format alone takes the columns by their names. */
function mappingOf({ task, map }: SourceOptions): ColumnMapping | null {
  if (task === undefined && map === undefined) return null;
  if (task === undefined) throw new Problem({ code: 'option-missing', found: '--map without --task', expected: 'the task format whose roles are meant', action: 'Add --task, for example --task classification.' });
  return {
    format: task,
    columns: (map ?? []).map((text) => {
      const split = text.indexOf('=');
      if (split > 0) return { role: text.slice(0, split), column: text.slice(split + 1) };
      throw new Problem({ code: 'option-invalid', found: `--map ${JSON.stringify(text)}`, expected: 'ROLE=COLUMN', action: 'Write for example --map sentence=review label=stars.' });
    }),
  };
}

/** Looking at a source needs no workspace; where there is one, its models and remembered mappings count. */
async function withWorkspaceIfAny<Result>(context: CommandContext, body: (workspace: Parameters<Parameters<typeof reading>[1]>[0] | null) => Promise<Result>): Promise<Result> {
  try {
    return await reading(context, body);
  } catch (thrown) {
    if (thrown instanceof Problem && ['workspace-missing', 'workspace-older'].includes(thrown.code)) return body(null);
    throw thrown;
  }
}

async function importSource(sources: readonly string[], options: SourceOptions & { name?: string; saveMapping?: string }, context: CommandContext): Promise<void> {
  const { output } = context;
  const request = { ...await requestOf(sources, options), name: options.name ?? null, saveMappingAs: options.saveMapping ?? null };
  const { importDataset } = await import('../../service/dataset/import.ts');
  const { surroundingsOf } = await import('../../service/dataset/source.ts');
  const imported = await stoppable(context, 'Importing', (work) => writing(context, { create: 'if-missing' }, (workspace) => importDataset(workspace, request, surroundingsOf(workspace, work))));
  output.result({ dataset: imported }, () => [
    imported.isNew ? `Imported ${imported.name}@${imported.version}.` : `${imported.name}@${imported.version} is the same already; nothing was added.`,
    describeDetails(imported),
    imported.isNew ? `Undo with: souffleur datasets remove ${imported.name}@${imported.version}` : '',
  ].filter((text) => text !== '').join('\n\n'));
}

async function check(sources: readonly string[], options: SourceOptions, context: CommandContext): Promise<void> {
  const request = await requestOf(sources, options);
  const { checkDataset } = await import('../../service/dataset/report.ts');
  const { surroundingsOf } = await import('../../service/dataset/source.ts');
  const report = await stoppable(context, 'Checking', (work) => withWorkspaceIfAny(context, (workspace) => checkDataset(workspace, request, surroundingsOf(workspace, work))));
  context.output.result({ report }, () => describeReport(report));
}

async function preview(sources: readonly string[], { split, rows, ...options }: SourceOptions & { split?: string; rows: string }, context: CommandContext): Promise<void> {
  const request = { ...await requestOf(sources, options), split: split ?? null };
  const { previewDataset } = await import('../../service/dataset/preview.ts');
  const { surroundingsOf } = await import('../../service/dataset/source.ts');
  const shown: DatasetPreview = await withWorkspaceIfAny(context, (workspace) => previewDataset(workspace, request, surroundingsOf(workspace)));
  context.output.result({ preview: shown }, () => describePreview(shown, Number(rows)));
}

interface Work {
  signal: AbortSignal;
  tell(progress: { done: number; total: number | null }): void;
}

const noteIntervalMs = 5000;

/** Ctrl-C ends the reading; nothing is kept. */
async function stoppable<Result>({ output, interruption }: CommandContext, verb: string, body: (work: Work) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const startedMs = performance.now();
  let lastMs = startedMs;
  const tell: Work['tell'] = ({ done, total }) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < noteIntervalMs) return;
    lastMs = nowMs;
    const perMs = done / (nowMs - startedMs);
    const left = total === null ? '' : ` of ${bytesText(total)}, ${durationText((total - done) / perMs / 1000)} left`;
    output.note(`${verb}: ${bytesText(done)}${left}`);
  };
  return interruption.during({ note: 'Stopping; nothing is kept.', cancel: () => stop.abort(), kill: () => process.exit(130) }, () => body({ signal: stop.signal, tell }));
}

async function list({ trash }: { trash?: true }, context: CommandContext): Promise<void> {
  const { listDatasets } = await import('../../service/dataset/datasets.ts');
  const datasets = await reading(context, (workspace) => listDatasets(workspace, { trash: trash === true ? 'only' : 'without' }));
  context.output.result({ datasets }, () => (datasets.length === 0 ? 'No data sets. Import one with: souffleur datasets import FILE' : describeList(datasets)));
}

function describeList(datasets: readonly DatasetSummary[]): string {
  return formatTable([
    ['name', 'format', 'splits (rows)', 'imported', 'from'],
    ...datasets.map(({ name, version, format, splits, importedAt, origin }) => [
      `${name}@${version}`, format ?? '–', splits.map(({ split, rows }) => `${split} (${countText(rows)})`).join(', '), importedAt.slice(0, 16).replace('T', ' '), origin,
    ]),
  ]);
}

async function show(text: string, context: CommandContext): Promise<void> {
  const { showDataset } = await import('../../service/dataset/datasets.ts');
  const { parseDatasetReference } = await import('../../service/dataset/dataset-name.ts');
  const dataset = await reading(context, (workspace) => showDataset(workspace, parseDatasetReference(text)));
  context.output.result({ dataset }, () => describeDetails(dataset));
}

async function exportDataset(text: string, file: string, options: { form?: 'csv' | 'tsv' | 'jsonl' | 'json'; replace?: true }, context: CommandContext): Promise<void> {
  const { exportSplit } = await import('../../service/dataset/export.ts');
  const { parseDatasetReference } = await import('../../service/dataset/dataset-name.ts');
  const { exportRequestSchema } = await import('../../contract/api/datasets.ts');
  const named = exportRequestSchema.shape.form.safeParse(options.form ?? /\.([^.]+)$/.exec(file)?.[1]?.toLowerCase());
  if (!named.success) throw new Problem({ code: 'export-form-unknown', found: `the file name ${JSON.stringify(file)}`, expected: 'one that ends with .csv, .tsv, .jsonl or .json', action: 'Name the form with --form.' });
  const request = { ...parseDatasetReference(text), form: named.data, path: file, existing: options.replace === true ? 'replace' as const : 'refuse' as const };
  const exported = await reading(context, (workspace) => exportSplit(workspace, request));
  context.output.result({ exported }, () => `Wrote ${countText(exported.rows)} rows to ${exported.path}.`);
}

async function move(text: string, to: 'trash' | 'restore', context: CommandContext): Promise<void> {
  const { summariseDataset } = await import('../../service/dataset/datasets.ts');
  const { parseDatasetReference } = await import('../../service/dataset/dataset-name.ts');
  const key = parseDatasetReference(text);
  const datasets = await writing(context, { create: 'never' }, (workspace) => Promise.resolve(workspace.datasets[to](key).map(summariseDataset)));
  context.output.result({ datasets }, () => {
    const names = datasets.map(({ name, version }) => `${name}@${version}`).join(', ');
    if (datasets.length === 0) return to === 'trash' ? 'It is in the trash already.' : 'It is not in the trash.';
    return to === 'trash' ? `Moved ${names} to the trash. Undo with: souffleur datasets restore ${text}` : `Restored ${names}.`;
  });
}
