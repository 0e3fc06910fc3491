import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../main/service/evaluation.ts';
import type { RunDetails, RunReport, RunSummary } from '../../main/service/run-report.ts';
import { sharedPath } from '../shared.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer, type Invocation } from './command-line.ts';

const model = sharedPath('data/t5-tiny');
const rte = sharedPath('data/superglue/RTE/train.jsonl');

function runsOf(ended: Ended): RunReport[] {
  return parseAnswer<{ runs: RunReport[] }>(ended).runs;
}

/** A real T5, real data, real workers; what training reaches is not the point here, only that nothing is lost on the way. */
describe.skipIf(model === null || rte === null)('a run on the command line (needs ../shared/data)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-tune-'));
  const workspace = join(folder, 'workspace');
  const train = join(folder, 'train.jsonl');
  const long = ['steps=1500', 'batchSize=2', 'evaluateEvery=1500', 'checkpointEvery=100', 'promptLength=4', 'maxSourceTokens=16'];

  const run = (argumentList: string[], invocation: Invocation = {}): Promise<Ended> => souffleur(['--workspace', workspace, '--json', ...argumentList], invocation);
  const tune = (settings: string[], more: string[] = [], invocation: Invocation = {}): Promise<Ended> => run(
    ['tune', '--model', 'tiny', '--task', 'rte', '--train', train, '--dev', train, '--method', 'prompt-tuning', '--threads', '1', ...settings.flatMap((setting) => ['--set', setting]), ...more],
    invocation,
  );

  const lastRunFolder = (): string => join(workspace, 'runs', readdirSync(join(workspace, 'runs')).sort().at(-1) ?? '');

  let whole: RunReport | undefined;

  beforeAll(async () => {
    writeFileSync(train, readFileSync(rte ?? '', 'utf8').split('\n').slice(0, 8).join('\n'));
    expect(parseAnswer(await run(['model', 'add', model ?? '', '--name', 'tiny']))).toMatchObject({ model: { name: 'tiny', convention: 'lm-adapted', hasTokenizer: true, sameAs: [] } });
    [whole] = runsOf(await tune(long));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is made for every seed; its prompt, scores and settings can be read afterwards and evaluated', async () => {
    const runs = runsOf(await tune(['steps=4', 'evaluateEvery=2', 'promptLength=3', 'maxSourceTokens=16'], ['--seed', '1,2', '--test', train]));
    expect(runs.map(({ seed, status }) => [seed, status])).toEqual([[1, 'finished'], [2, 'finished']]);
    const [first, second] = runs;
    expect(first).toMatchObject({ trainableParameters: 3 * 32, losses: { steps: 4 }, test: { examples: 8 } });
    expect(first?.promptFile).toMatch(/\.safetensors$/);
    expect(readFileSync(first?.promptFile ?? '').equals(readFileSync(second?.promptFile ?? ''))).toBe(false);
    const { run: details } = parseAnswer<{ run: RunDetails }>(await run(['runs', 'show', first?.id ?? '']));
    expect(details.settings).toMatchObject({ steps: 4, promptLength: 3 });
    expect(details.checkpoints.map(({ step }) => step)).toEqual([2, 4]);
    const evaluated = parseAnswer<EvaluationReport>(await run(['eval', '--run', first?.id ?? '', '--data', train]));
    expect(evaluated).toMatchObject({ run: first?.id, step: first?.bestStep, examples: 8, scores: first?.dev?.scores, loss: first?.dev?.loss });
    expect(readFileSync(evaluated.predictions, 'utf8').trim().split('\n')).toHaveLength(8);
  });

  it('that is stopped by Ctrl-C says how to go on, and then ends as if it had never stopped', async () => {
    let isInterrupted = false;
    const interrupted = await tune(long, [], { watch: (child, stderr) => {
      if (!isInterrupted && stderr.includes('training')) isInterrupted = child.kill('SIGINT');
    } });
    expect(interrupted).toMatchObject({ exitCode: 130 });
    const { error } = parseAnswer<ErrorAnswer>(interrupted);
    expect(error).toMatchObject({ code: 'run-cancelled', kind: 'cancelled' });
    const id = /--resume (r\d+)/.exec(error.action)?.[1] ?? '';
    const [resumed] = runsOf(await run(['tune', '--resume', id]));
    expect(resumed).toMatchObject({ id, status: 'finished', checkpoint: whole?.checkpoint, dev: whole?.dev, losses: whole?.losses });
  });

  it.each([
    ['before its first state was saved', () => true],
    ['after a state was saved', (runFolder: string) => existsSync(join(runFolder, 'state.safetensors'))],
  ])('whose core is killed %s goes on when it is resumed and reaches the same prompt', async (_when, isTime) => {
    let timer: NodeJS.Timeout | undefined;
    const killed = await tune(long, [], { watch: (child, stderr) => {
      if (timer !== undefined || !stderr.includes('training')) return;
      timer = setInterval(() => {
        if (isTime(lastRunFolder())) child.kill('SIGKILL');
      }, 1);
    } });
    clearInterval(timer);
    expect(killed).toMatchObject({ exitCode: null, stdout: '' });
    const { runs } = parseAnswer<{ runs: RunSummary[] }>(await run(['runs', 'list']));
    expect(runs.at(-1)?.status).toBe('running');
    const [resumed] = runsOf(await run(['tune', '--resume', runs.at(-1)?.id ?? '']));
    expect(resumed).toMatchObject({ id: runs.at(-1)?.id, status: 'finished', checkpoint: whole?.checkpoint, dev: whole?.dev, losses: whole?.losses });
  });

  it('on a file with a wrong row names its line and exits with 2', async () => {
    const broken = join(folder, 'broken.jsonl');
    writeFileSync(broken, `${readFileSync(train, 'utf8')}\n{"premise":"a","hypothesis":"b","label":"perhaps","idx":9}\n`);
    const ended = await tune(['steps=4'], ['--train', broken]);
    expect(ended.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({ kind: 'input', place: { file: broken, line: 9 } });
  });

  it('finds the devices of this machine', async () => {
    const devices = parseAnswer<{ providers: { provider: string; available: boolean }[] }>(await run(['devices']));
    expect(devices.providers.find(({ provider }) => provider === 'cpu')?.available).toBe(true);
    expect(parseAnswer(await run(['doctor']))).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining({ id: 'onnxruntime', status: 'ok' })]) });
  });
});
