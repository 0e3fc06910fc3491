/** `souffleur tasks …` */
import type { Command } from 'commander';
import { Problem } from '../../contract/problem.ts';
import type { PvpFinding } from '../../contract/pvp-finding.ts';
import type { Pvp } from '../../contract/pvp.ts';
import type { TaskDetails } from '../../contract/task-library.ts';
import type { CommandContext } from '../context.ts';
import { formatFields, formatTable } from '../table.ts';
import { describePreview, describeTranslation, markOf } from '../tasks-text.ts';
import { reading, writing } from '../workspace-access.ts';

interface CheckOptions {
  model?: string;
  data?: string;
}

interface PreviewOptions {
  model?: string;
  rows: number;
  maxTokens: number;
}

export function addTasksCommands(program: Command, context: CommandContext): void {
  const tasks = program.command('tasks').description('the task library: patterns, verbalizers, their versions');
  tasks.command('list').description('list the tasks').option('--trash', 'those in the trash').action((options: { trash?: true }) => list(options, context));
  tasks.command('show <task>').description('show a task (TASK, or TASK@version), its pairs and its versions').action((name: string) => show(name, context));
  tasks.command('add <task>').description('add a task with the published pairs of its format, or from a definition')
    .option('--format <format>', 'the task format whose presets it begins with').option('--file <file>', 'a definition as JSON, as tasks show --json prints it')
    .addHelpText('after', '\nExamples:\n  souffleur tasks add rte --format rte\n  souffleur tasks add mine --file task.json')
    .action((name: string, options: { format?: string; file?: string }) => add(name, options, context));
  tasks.command('edit <task>').description('make a new version from a definition, or from an earlier version')
    .option('--file <file>', 'the new definition as JSON').option('--revert <number>', 'take this version’s definition again', wholeNumber)
    .action((name: string, options: { file?: string; revert?: number }) => edit(name, options, context));
  tasks.command('check <pvp>').description('check a pair (TASK/PVP, TASK/PVP@version) against labels, fields and a tokenizer')
    .option('--model <name>', 'whose tokenizer and answer convention').option('--data <file>', 'a file whose fields the pattern may name')
    .action((name: string, options: CheckOptions) => check(name, options, context));
  tasks.command('preview <pvp> <file>').description('show a pair on the first rows of a file, as a model reads them')
    .option('--model <name>', 'whose tokens').option('--rows <number>', 'rows of the file, at most 100', wholeNumber, 3).option('--max-tokens <number>', 'source tokens at most', wholeNumber, 512)
    .action((name: string, file: string, options: PreviewOptions) => preview(name, file, options, context));
  tasks.command('presets [format]').description('list the published pairs').action((format: string | undefined) => presets(format, context));
  tasks.command('export <file>').description('write tasks into one JSON file').option('--task <name...>', 'these only')
    .action((file: string, options: { task?: string[] }) => exportTasks(file, options, context));
  tasks.command('import <file>').description('read a task library (JSON) or promptsource’s templates.yaml')
    .option('--task <name>', 'of templates: the task that takes them').option('--format <format>', 'of templates: the task format')
    .option('--new-versions', 'of a library: a task that is there gets the file’s definition as a new version')
    .option('--dry-run', 'of templates: say what could be translated, keep nothing')
    .action((file: string, options: ImportOptions) => importTasks(file, options, context));
  tasks.command('trash <task>').description('move a task to the trash').action((name: string) => setTrashed(name, 'trash', context));
  tasks.command('restore <task>').description('take a task out of the trash').action((name: string) => setTrashed(name, 'restore', context));
}

async function list({ trash }: { trash?: true }, context: CommandContext): Promise<void> {
  const { listTasks } = await import('../../service/task-library/tasks.ts');
  const all = await reading(context, (workspace) => listTasks(workspace, { trash: trash === true ? 'only' : 'without' }));
  context.output.result({ tasks: all }, () => all.length === 0
    ? 'No tasks. Add one with: souffleur tasks add NAME --format FORMAT'
    : formatTable([['name', 'format', 'version', 'pairs', 'hash', 'title'], ...all.map((task) => [task.name, task.format, String(task.version), String(task.pvps.length), task.hash.slice(0, 12), task.title])]));
}

async function show(text: string, context: CommandContext): Promise<void> {
  const { listVersions, showTask } = await import('../../service/task-library/tasks.ts');
  const [, name = text, version] = /^(.+)@(\d{1,9})$/.exec(text) ?? [];
  const [task, versions] = await reading(context, (workspace) => [showTask(workspace, name, version === undefined ? undefined : Number(version)), listVersions(workspace, name)] as const);
  context.output.result({ task, versions }, () => [
    describeTask(task),
    '',
    formatTable([['version', 'written', 'hash', 'pairs'], ...versions.map((row) => [String(row.version), row.createdAt, row.hash.slice(0, 12), String(row.pvps)])]),
  ].join('\n'));
}

function describeTask({ task, version, hash, definition, metrics }: TaskDetails): string {
  const { title, format, dataset, provenance, pvps } = definition;
  return [
    formatFields([
      ['task', `${task} (${title})`], ['version', `${version}, ${hash}`], ['format', `${format}: ${metrics.join(', ')}`],
      ['data set', dataset === null ? '–' : `${dataset.name}${dataset.version === null ? '' : `@${dataset.version}`}`], ['from', provenance === '' ? '–' : provenance],
    ]),
    ...pvps.map((pvp) => `\n${describePair(pvp)}`),
  ].join('\n');
}

function describePair({ id, title, pattern, verbalizer }: Pvp): string {
  const words = verbalizer === null ? 'the format’s own labels' : verbalizer.labels.map((entry) => `${entry.label} → ${entry.words.join(' | ')}`).join(', ');
  return `${id}: ${title}\n  ${pattern.template.replaceAll('\n', '\n  ')}\n  ${words}`;
}

async function add(name: string, { format, file }: { format?: string; file?: string }, context: CommandContext): Promise<void> {
  const { presetTask } = await import('../../service/task-library/exchange.ts');
  const { createTask } = await import('../../service/task-library/tasks.ts');
  const definition = file === undefined ? presetTask(format ?? name) : await readDefinitionFile(file);
  const task = await writing(context, { create: 'if-missing' }, async (workspace) => createTask(workspace, name, definition));
  context.output.result({ task }, () => `Added ${task.task} with ${task.definition.pvps.length} pairs, version 1, ${task.hash.slice(0, 12)}.`);
}

async function edit(name: string, { file, revert }: { file?: string; revert?: number }, context: CommandContext): Promise<void> {
  const { revertTask, showTask, updateTask } = await import('../../service/task-library/tasks.ts');
  if ((file === undefined) === (revert === undefined)) {
    throw new Problem({ code: 'option-missing', found: 'neither or both of --file and --revert', expected: 'one of them', action: 'Name a definition, or a version to go back to.' });
  }
  const task = await writing(context, { create: 'never' }, async (workspace) => (revert !== undefined
    ? revertTask(workspace, name, revert)
    : updateTask(workspace, { name, basedOn: showTask(workspace, name).version, definition: await readDefinitionFile(file ?? '') })));
  context.output.result({ task }, () => `${task.task} is at version ${task.version}, ${task.hash.slice(0, 12)}.`);
}

/** Of a definition alone, or of what `tasks show --json` prints. */
async function readDefinitionFile(file: string) {
  const { readDefinitionFileSync } = await import('../../service/task-library/exchange.ts');
  return readDefinitionFileSync(file);
}

async function check(name: string, { model, data }: CheckOptions, context: CommandContext): Promise<void> {
  const { checkPvp } = await import('../../service/task-library/check.ts');
  const { fieldsOfRows, readFirstRows } = await import('../../service/task-library/preview.ts');
  const { openSpeechSync } = await import('../../service/task-library/speech.ts');
  const { resolvePvp } = await import('../../service/task-library/tasks.ts');
  const result = await reading(context, async (workspace) => {
    const { format, labels, used } = resolvePvp(workspace, name);
    const fields = data === undefined ? null : fieldsOfRows(format, await readFirstRows(data, 20));
    return checkPvp({ format, labels, pvp: used.pvp, speech: model === undefined ? null : openSpeechSync(workspace, model), fields });
  });
  if (result.findings.some(({ severity }) => severity === 'error')) context.output.exitCode = 2;
  context.output.result(result, () => (result.findings.length === 0 ? 'Nothing to say: no errors, no warnings.' : result.findings.map(describeFinding).join('\n')));
}

function describeFinding({ severity, message, action }: PvpFinding): string {
  return `${markOf(severity)}${message} ${action}`;
}

async function preview(name: string, file: string, { model, rows: limit, maxTokens }: PreviewOptions, context: CommandContext): Promise<void> {
  const { previewPvp, readFirstRows } = await import('../../service/task-library/preview.ts');
  const { openSpeechSync } = await import('../../service/task-library/speech.ts');
  const { resolvePvp } = await import('../../service/task-library/tasks.ts');
  const { resolveDataFile } = await import('../../service/dataset/datasets.ts');
  const shown = await reading(context, async (workspace) => {
    const { format, labels, used } = resolvePvp(workspace, name);
    const rows = await readFirstRows(resolveDataFile(workspace, file), Math.min(100, Math.max(1, limit)));
    return previewPvp({ format, labels, pvp: used.pvp, rows, speech: model === undefined ? null : openSpeechSync(workspace, model), maxSourceTokens: maxTokens });
  });
  context.output.result(shown, () => describePreview(shown));
}

async function presets(format: string | undefined, context: CommandContext): Promise<void> {
  const { listPresets } = await import('../../service/task-library/exchange.ts');
  const all = listPresets(format ?? null);
  context.output.result({ presets: all }, () => all.map(({ format: id, pvps }) => `${id}\n${pvps.map((pvp) => `  ${describePair(pvp).replaceAll('\n', '\n  ')}`).join('\n')}`).join('\n\n'));
}

async function exportTasks(file: string, { task }: { task?: string[] }, context: CommandContext): Promise<void> {
  const { exportLibrary } = await import('../../service/task-library/exchange.ts');
  const { writeFileAtomicSync } = await import('../../store/atomic-file.ts');
  const library = await reading(context, (workspace) => exportLibrary(workspace, task ?? null));
  writeFileAtomicSync(file, `${JSON.stringify(library, null, 2)}\n`);
  context.output.result({ file, tasks: library.tasks.map(({ name }) => name) }, () => `Wrote ${library.tasks.length} tasks to ${file}.`);
}

interface ImportOptions {
  task?: string;
  format?: string;
  newVersions?: true;
  dryRun?: true;
}

async function importTasks(file: string, { task, format, newVersions, dryRun }: ImportOptions, context: CommandContext): Promise<void> {
  const { importLibrary, importPromptsource, readPromptsource } = await import('../../service/task-library/exchange.ts');
  if (/\.ya?ml$/i.test(file)) {
    const read = dryRun === true ? { translation: readPromptsource(file, format ?? null), task: null } : null;
    const done = read ?? await writing(context, { create: 'if-missing' }, async (workspace) => importPromptsource(workspace, file, { format: format ?? null, task: task ?? requireTaskName() }));
    context.output.result(done, () => describeTranslation(done.translation, done.task));
    return;
  }
  const done = await writing(context, { create: 'if-missing' }, async (workspace) => importLibrary(workspace, file, newVersions === true ? 'new-version' : 'refuse'));
  context.output.result(done, () => formatFields([['added', done.added.join(', ') || '–'], ['new version', done.updated.join(', ') || '–'], ['unchanged', done.unchanged.join(', ') || '–']]));
}

async function setTrashed(name: string, action: 'trash' | 'restore', context: CommandContext): Promise<void> {
  const { restoreTask, trashTask } = await import('../../service/task-library/tasks.ts');
  const task = await writing(context, { create: 'never' }, async (workspace) => (action === 'trash' ? trashTask : restoreTask)(workspace, name));
  context.output.result({ task }, () => (action === 'trash' ? `${name} is in the trash; souffleur tasks restore ${name} takes it out.` : `${name} is back.`));
}

function requireTaskName(): never {
  throw new Problem({
    code: 'option-missing', found: 'templates, and no name for their task', expected: '--task NAME, or --dry-run to keep nothing', action: 'Add --task, for example --task rte-promptsource.',
  });
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Problem({ code: 'option-invalid', found: JSON.stringify(text.slice(0, 40)), expected: 'a whole number', action: 'Correct the option.' });
}
