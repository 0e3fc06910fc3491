/** `souffleur runs …` */
import type { Command } from 'commander';
import type { RunDetails, RunSummary } from '../../service/run-report.ts';
import { lossText, percentText } from '../number-text.ts';
import type { CommandContext } from '../context.ts';
import { effectText } from '../checkpoint-text.ts';
import { describeRuns } from '../run-text.ts';
import { formatFields, formatTable } from '../table.ts';
import { reading, withCore } from '../workspace-access.ts';
import { addReproduceCommand } from './reproduce.ts';

export function addRunsCommands(program: Command, context: CommandContext): void {
  const runs = program.command('runs').description('show runs, which works while another process trains; make one again');
  runs.command('list').description('list all runs').action(() => list(context));
  runs.command('show <run>').description('show a run’s settings, metrics, checkpoints and command').action((run: string) => show(run, context));
  runs.command('trash <runs...>').description('move runs to the trash; nothing is deleted yet').action((texts: string[]) => change(texts, 'trash', context));
  runs.command('restore <runs...>').description('take runs back from the trash').action((texts: string[]) => change(texts, 'restore', context));
  runs
    .command('note <run>')
    .description('write on a run; without options, show what is written')
    .option('--text <text>', 'the note')
    .option('--tags <tags>', 'a,b; an empty text takes all away', (text: string) => text.split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''))
    .option('--star', 'mark it')
    .option('--no-star', 'take the mark away')
    .action((run: string, options: NoteOptions) => note(run, options, context));
  addReproduceCommand(runs, context);
}

interface NoteOptions {
  text?: string;
  tags?: string[];
  star?: boolean;
}

async function change(texts: readonly string[], to: 'trash' | 'restore', context: CommandContext): Promise<void> {
  const { restoreRuns, trashRuns } = await import('../../service/run-library.ts');
  const runs = await withCore(context, (core) => (to === 'trash' ? trashRuns : restoreRuns)(core, texts));
  context.output.result({ runs }, () => runs.map(({ id, isTrashed }) => `${id} is ${isTrashed ? 'in the trash; souffleur checkpoints empty-trash deletes it for good' : 'back'}`).join('\n'));
}

async function note(text: string, { text: note, tags, star }: NoteOptions, context: CommandContext): Promise<void> {
  const { annotateRun } = await import('../../service/run-library.ts');
  const changes = { ...(note === undefined ? {} : { note }), ...(tags === undefined ? {} : { tags }), ...(star === undefined ? {} : { isStarred: star }) };
  const run = await withCore(context, (core) => annotateRun(core, text, changes));
  context.output.result({ run }, () => `${run.isStarred ? '★ ' : ''}${run.id}${run.tags.length === 0 ? '' : ` [${run.tags.join(', ')}]`}: ${run.note === '' ? 'no note' : run.note}`);
}

async function list(context: CommandContext): Promise<void> {
  const { summariseRun } = await import('../../service/run-report.ts');
  const runs = await reading(context, (workspace): RunSummary[] => workspace.runs.list().map(({ id }) => summariseRun(workspace, id)));
  context.output.result({ runs }, () => (runs.length === 0 ? 'No runs yet. Start one with: souffleur tune' : describeRuns(runs)));
}

async function show(text: string, context: CommandContext): Promise<void> {
  const { reportRunDetails } = await import('../../service/run-report.ts');
  const { parseRunId } = await import('../../store/identifiers.ts');
  const run = await reading(context, (workspace) => reportRunDetails(workspace, parseRunId(text)));
  context.output.result({ run }, () => describe(run));
}

function describePvp({ pvp, version }: NonNullable<RunDetails['pvp']>): string {
  const name = version === null ? pvp.id : `${version.task}/${pvp.id}, version ${version.version}`;
  return `${name}: ${pvp.pattern.template.replaceAll(/\s+/g, ' ')}`;
}

function describe(run: RunDetails): string {
  const fields = formatFields([
    ['run', `${run.id}, ${run.status}`],
    ...(run.problem === null ? [] : [['problem', run.problem.message] as const]),
    ['method', run.method],
    ['model', `${run.model} (${run.modelFingerprint.slice(0, 12)})`],
    ['task', run.task],
    ...(run.pvp === null ? [] : [['pattern', describePvp(run.pvp)] as const]),
    ['seed', String(run.seed)],
    ...(run.labels === null ? [] : [['labels', run.labels.map(({ value, word }) => (value === word ? word : `${value}=${word}`)).join(', ')] as const]),
    ...(run.sampling === null ? [] : [['few-shot', describeSampling(run.sampling)] as const]),
    ...run.inputs.map(({ role, path, rowCount, sha256 }) => [role, `${path} (${rowCount} rows, ${sha256.slice(0, 12)})`] as const),
    ...(run.effect === null ? [] : [['effect', effectText(run.effect)] as const]),
    ['device', run.device ?? '–'],
    ['command', run.command.join(' ')],
    ['versions', Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(', ')],
    ['created', run.createdAt],
    ['ended', run.endedAt ?? '–'],
    ['folder', run.directory],
    ['log', run.log],
  ]);
  const settings = formatFields(Object.entries(run.settings).map(([key, value]) => [`  ${key}`, String(value)] as const));
  return [fields, `Settings:\n${settings}`, describeCheckpoints(run)].filter((text) => text !== '').join('\n\n');
}

function describeSampling({ trainExamples, devExamples, dataSeed }: NonNullable<RunDetails['sampling']>): string {
  return `${trainExamples} to train on${devExamples === null ? '' : `, ${devExamples} to choose by`}, drawn with data seed ${dataSeed}`;
}

function describeCheckpoints({ checkpoints, test }: RunDetails): string {
  if (checkpoints.length === 0) return 'No checkpoints yet.';
  const metrics = Object.keys(checkpoints.find(({ dev }) => dev !== null)?.dev?.scores ?? {});
  const rows = checkpoints.map(({ step, dev, isBest, file }) => [
    String(step), ...metrics.map((name) => percentText(dev?.scores[name])), percentText(dev?.legalRate), lossText(dev?.loss), isBest ? 'best' : '', file,
  ]);
  const table = formatTable([['step', ...metrics, 'legal', 'dev loss', '', 'file'], ...rows]);
  const testText = test === null ? '' : `\nTest: ${Object.entries(test.scores).map(([name, value]) => `${name} ${percentText(value)}`).join(', ')}, legal ${percentText(test.legalRate)}`;
  return `Checkpoints:\n${table}${testText}`;
}
