/** `souffleur runs …` */
import type { Command } from 'commander';
import type { RunDetails, RunSummary } from '../../service/run-report.ts';
import { lossText, percentText } from '../number-text.ts';
import type { CommandContext } from '../context.ts';
import { effectText } from '../checkpoint-text.ts';
import { describeRuns } from '../run-text.ts';
import { formatFields, formatTable } from '../table.ts';
import { reading } from '../workspace-access.ts';
import { addReproduceCommand } from './reproduce.ts';

export function addRunsCommands(program: Command, context: CommandContext): void {
  const runs = program.command('runs').description('show runs, which works while another process trains; make one again');
  runs.command('list').description('list all runs').action(() => list(context));
  runs.command('show <run>').description('show a run’s settings, metrics, checkpoints and command').action((run: string) => show(run, context));
  addReproduceCommand(runs, context);
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
