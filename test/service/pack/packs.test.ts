import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackAnswer, PackReport } from '../../../main/contract/api/packs.ts';
import { Problem } from '../../../main/contract/problem.ts';
import { openCore, type Core } from '../../../main/service/core.ts';
import { addModel } from '../../../main/service/models.ts';
import { exportPack, type PackExportRequest } from '../../../main/service/pack/pack-export.ts';
import { pageAnswers, runPack } from '../../../main/service/pack/pack-run.ts';
import { readPackFile } from '../../../main/service/pack/pack-worker.ts';
import { importPack, inspectPack, listPacks, removePack, restorePack } from '../../../main/service/pack/packs.ts';
import { readPredictions } from '../../../main/service/predictions.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { executeRunGroup } from '../../../main/service/run-execution.ts';
import { createRun, planRun, type TuneRequest } from '../../../main/service/runs.ts';
import { voteOnSplit } from '../../../main/service/ensembles.ts';
import { askWorker } from '../../../main/service/single-answer.ts';
import { parseModelName, parseRunId } from '../../../main/store/identifiers.ts';
import type { Run } from '../../../main/store/run-row.ts';
import { goldenPath } from '../../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../../model/tiny-t5.ts';
import { noAssumptions, writeBytes } from '../../pack/make-pack.ts';
import { makeTrainingBench, type TrainingBench } from '../../worker/training-bench.ts';

const nothingGiven = { model: null, task: null, labels: null };
const runtime = { provider: 'cpu', threads: 1 } as const;

/** Three real prompts of a real worker on a tiny model; the same weights under the name of another workspace. */
let core: Core;
let training: TrainingBench;
let folder: string;
let request: TuneRequest;

beforeAll(async () => {
  training = await makeTrainingBench();
  folder = mkdtempSync(join(tmpdir(), 'souffleur-packs-'));
  core = openCore(join(folder, 'workspace'), { create: 'if-missing' });
  const { workspace } = core;
  await addModel(workspace, { directory: training.job('unused').model.directory, name: 'tiny', convention: 'lm-adapted' });
  request = {
    model: 'tiny', method: 'prompt-tuning', format: 'rte', files: training.files, labels: null, fewShot: null,
    settings: ['promptLength=3', 'steps=6', 'evaluateEvery=2', 'batchSize=4', 'maxSourceTokens=72'], runtime, command: ['souffleur', 'tune'],
  };
  const plan = await planRun(workspace, request);
  const queue = (seed: number): Run => createRun(workspace, plan, { seed });
  await executeRunGroup(workspace, [queue(1), queue(2), queue(3)], { resume: false }).finished;
}, 120_000);
afterAll(() => {
  core.workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

function exporting(checkpoints: readonly string[], name: string, more: Partial<PackExportRequest> = {}) {
  return exportPack(core.workspace, { source: { kind: 'checkpoints', checkpoints }, path: join(folder, name), form: 'file', title: null, licence: 'CC0-1.0', hubId: null, ...more });
}

async function problemOf(body: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await body.then(() => null, (reason: unknown) => reason);
  if (thrown instanceof Problem) return thrown;
  throw thrown instanceof Error ? thrown : new Error('expected a Problem, nothing was thrown');
}

describe('an exported pack', () => {
  it('says what it was made of and how it scored, and is the same bytes every time', async () => {
    const first = await exporting(['r0001'], 'a.promptpack');
    const second = await exporting(['r0001'], 'b.promptpack');
    expect(second.sha256).toBe(first.sha256);
    expect(readFileSync(second.path).equals(readFileSync(first.path))).toBe(true);
    const { workspace } = core;
    const run = workspace.runs.get(parseRunId('r0001'));
    const inputs = workspace.runInputs.list(run.id);
    expect(first.manifest).toMatchObject({
      title: 'rte', licence: 'CC0-1.0', writtenBy: expect.stringMatching(/^Souffleur \d/) as string,
      base: { name: 'tiny', fingerprint: run.modelFingerprint, width: 16, convention: 'lm-adapted', layers: 2, heads: 3 },
      task: { format: 'rte', labels: [{ value: 'entailment', word: 'entailment' }, { value: 'not_entailment', word: 'not_entailment' }], maxSourceTokens: 72 },
      policy: { answers: 'greedy', stepChosenBy: 'score' },
      prompts: [{ rows: 3, seed: 1, step: run.bestStep, method: { id: 'prompt-tuning', settings: { promptLength: 3, steps: 6 } } }],
    });
    expect(first.manifest.prompts[0]?.metrics.map(({ split, sha256 }) => [split, sha256])).toEqual([['dev', inputs[1]?.sha256], ['test', inputs[2]?.sha256]]);
    // No place of this machine.
    expect(JSON.stringify(first.manifest)).not.toContain(folder);
  });

  it('of a named step has that step, whose test score nobody looked at', async () => {
    const best = core.workspace.runs.get(parseRunId('r0001')).bestStep;
    const other = [2, 4, 6].find((step) => step !== best);
    const { manifest } = await exporting([`r0001/${other}`], 'step.promptpack');
    expect(manifest.prompts[0]).toMatchObject({ step: other, metrics: [{ split: 'dev' }] });
  });

  it.each([['one prompt', ['r0001']], ['three', ['r0001', 'r0002', 'r0003']]])('of %s comes out of another workspace as it went in, byte for byte', async (_, runs) => {
    const exported = await exporting(runs, `${runs.length}.promptpack`);
    const other = openCore(join(folder, `other-${runs.length}`), { create: 'if-missing' });
    try {
      const imported = await importPack(other.workspace, exported.path, nothingGiven);
      expect(imported).toMatchObject({ id: 'p0001', origin: 'pack', models: [], manifest: exported.manifest });
      const path = join(folder, `again-${runs.length}.promptpack`);
      const again = await exportPack(other.workspace, { source: { kind: 'pack', pack: 'p1' }, path, form: 'file', title: null, licence: null, hubId: null });
      expect(again.sha256).toBe(exported.sha256);
      expect(readFileSync(path).equals(readFileSync(exported.path))).toBe(true);
      // The prompt is the run's very object: derived runs name it.
      const checkpoint = core.workspace.checkpoints.findBest(parseRunId('r0001'));
      expect(imported.prompts[0]).toBe(checkpoint?.weights);
    } finally {
      other.workspace.close();
    }
  });

  it('as a folder is read back as the same pack, and never replaces a folder with something in it', async () => {
    const file = await exporting(['r0002'], 'c.promptpack');
    const unzipped = await exporting(['r0002'], 'unzipped', { form: 'folder' });
    expect(readdirSync(unzipped.path).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors', 'manifest.json']);
    const { manifest, origin } = await inspectPack(core.workspace, unzipped.path, nothingGiven);
    expect({ manifest, origin }).toEqual({ manifest: file.manifest, origin: 'pack-folder' });
    expect(await problemOf(exporting(['r0002'], 'unzipped', { form: 'folder' }))).toMatchObject({ code: 'pack-target-exists' });
  });

  it.each([
    [['r0001', 'r0001'], 'checkpoint-repeated'], [['r0009'], 'run-not-found'], [['r0001/3'], 'checkpoint-not-found'],
  ])('of %j is refused', async (checkpoints, code) => {
    expect((await problemOf(exporting(checkpoints, 'no.promptpack'))).code).toBe(code);
  });
});

describe('the worker that opens packs', () => {
  it('may write to the staging folder and nowhere else', async () => {
    const { path } = await exporting(['r0001'], 'd.promptpack');
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
    const staging = mkdtempSync(join(folder, 'staging-'));
    expect((await readPackFile({ path, staging, assumptions: noAssumptions })).staged).toHaveLength(1);
    expect(readdirSync(staging)).toHaveLength(3);
    const forbidden = askWorker({
      job: { kind: 'read-pack', path, stagingDirectory: elsewhere, assumptions: noAssumptions }, answer: 'pack-read', logFile: join(folder, 'log'),
      nodeArguments: ['--permission', '--allow-fs-read=*', `--allow-fs-write=${staging}`],
    });
    await expect(forbidden).rejects.toBeInstanceOf(Problem);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

async function answersOf(pack: string, input: Parameters<typeof runPack>[1]['input'], given: object = {}): Promise<{ rows: PackAnswer[]; report: Awaited<ReturnType<typeof runPack>> }> {
  const report = await runPack(core.workspace, { pack, input, ...nothingGiven, runtime, ...given });
  return { report, rows: (await pageAnswers(core.workspace, { answersObject: report.answersObject, offset: 0, limit: 500 })).rows };
}

describe('a pack that answers', () => {
  it('says what its run said on the test file, from a file and from the workspace', async () => {
    const { path } = await exporting(['r0001'], 'e.promptpack');
    const { id } = await importPack(core.workspace, path, nothingGiven);
    const expected = await readPredictions(core.workspace, parseRunId('r0001'), 'test');
    const labels = ['entailment', 'not_entailment'];
    for (const pack of [path, id ?? '']) {
      const { rows, report } = await answersOf(pack, training.files.test);
      expect(rows).toEqual(expected.map(({ id: row, answer, answeredLabel, logProbabilities, target }) => ({
        id: row, answer, label: labels[answeredLabel ?? -1] ?? null, logProbabilities: Object.fromEntries(labels.map((label, i) => [label, logProbabilities?.[i]])), target, vote: null,
      })));
      expect(report).toMatchObject({ model: 'tiny', task: 'rte', prompts: 1, examples: 5 });
      expect(report.labels.reduce((sum, { count }) => sum + count, 0) + report.withoutLabel).toBe(5);
    }
  });

  it('says the same to rows that were typed', async () => {
    const { path } = await exporting(['r0001'], 'typed.promptpack');
    const typed = readFileSync(training.files.test, 'utf8').trim().split('\n').map((line) => {
      const { premise, hypothesis } = JSON.parse(line) as Record<string, string>;
      return { premise, hypothesis };
    });
    const [fromFile, fromRows] = [await answersOf(path, training.files.test), await answersOf(path, typed)];
    const said = ({ rows }: typeof fromFile) => rows.map(({ answer, logProbabilities }) => ({ answer, logProbabilities }));
    expect(said(fromRows)).toEqual(said(fromFile));
    expect(fromRows.report).toMatchObject({ input: null, examples: typed.length });
  });

  it('votes as the runs do', async () => {
    const { path } = await exporting(['r0001', 'r0002', 'r0003'], 'f.promptpack');
    const { rows, report } = await answersOf(path, training.files.test);
    const vote = await voteOnSplit(core.workspace, { runs: ['r0001', 'r0002', 'r0003'].map(parseRunId), split: 'test' });
    const expected = readFileSync(vote.votes, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { id: string; winner: string | null; votes: number; wasTie: boolean });
    expect(rows.map(({ id, answer, vote: cast }) => ({ id, winner: answer, votes: cast?.votes, wasTie: cast?.wasTie }))).toEqual(expected.map(({ id, winner, votes, wasTie }) => ({ id, winner, votes, wasTie })));
    expect(report.ties).toBe(vote.ensemble.ties);
    expect(rows[0]?.vote?.members).toHaveLength(3);
  });

  it('needs no labels, and answers a row whatever is asked beside it', async () => {
    const { path } = await exporting(['r0002'], 'g.promptpack');
    const bare = readFileSync(training.files.test, 'utf8').trim().split('\n').map((line) => {
      const { label: _label, ...row } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify(row);
    });
    const labelled = await answersOf(path, training.files.test);
    const { rows } = await answersOf(path, writeBytes('bare.jsonl', `${bare.join('\n')}\n`));
    expect(rows).toEqual(labelled.rows.map((row) => ({ ...row, target: null })));
  });

  it('of a file with a bad last row says so before it answers anything', async () => {
    const { path } = await exporting(['r0002'], 'h.promptpack');
    const input = writeBytes('bad.jsonl', `${readFileSync(training.files.test, 'utf8')}{"premise":"x"}\n`);
    expect(await problemOf(answersOf(path, input))).toMatchObject({ code: 'missing-field', place: { file: input, line: 6 } });
  });

  it('says which model is missing, and takes no other', async () => {
    const { path } = await exporting(['r0001'], 'i.promptpack');
    const other = openCore(join(folder, 'without-model'), { create: 'if-missing' });
    try {
      const missing = await problemOf(runPack(other.workspace, { pack: path, input: training.files.test, ...nothingGiven, runtime }));
      expect(missing).toMatchObject({ code: 'pack-model-missing', expected: expect.stringContaining('tiny') as string });
      const directory = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, seed: 2, tokenizer: 'fixture' });
      await addModel(other.workspace, { directory, name: 'twin', convention: 'lm-adapted' });
      const twin = await problemOf(runPack(other.workspace, { pack: path, input: training.files.test, ...nothingGiven, model: 'twin', runtime }));
      expect(twin.code).toBe('pack-base-fingerprint');
      expect(twin.found).toContain(other.workspace.models.get(parseModelName('twin')).fingerprint);
      expect(twin.expected).toContain(core.workspace.models.get(parseModelName('tiny')).fingerprint);
    } finally {
      other.workspace.close();
    }
  });

  it('that another program wrote answers once its model and task are named', async () => {
    const trained = core.workspace.checkpoints.findBest(parseRunId('r0001'));
    const file = writeBytes('theirs.safetensors', readFileSync(core.workspace.objects.objectPath(trained?.weights ?? ('' as never))));
    expect((await problemOf(answersOf(file, training.files.test))).code).toBe('pack-task-unknown');
    expect((await problemOf(answersOf(file, training.files.test, { task: 'rte' }))).code).toBe('pack-base-unknown');
    const { rows } = await answersOf(file, training.files.test, { task: 'rte', model: 'tiny' });
    const { path } = await exporting(['r0001'], 'j.promptpack');
    expect(rows.map(({ answer }) => answer)).toEqual((await answersOf(path, training.files.test)).rows.map(({ answer }) => answer));
    expect((await problemOf(inspectPack(core.workspace, goldenPath('t5-v1_0/peft-submodules-1'), { ...nothingGiven, model: 'tiny' })))).toMatchObject({ code: 'pack-base-width', found: 'a prompt of width 64', expected: expect.stringContaining('16') as string });
  });
});

describe('imported packs', () => {
  it('go to the trash and come back', async () => {
    const { path } = await exporting(['r0003'], 'k.promptpack');
    const { id } = await importPack(core.workspace, path, nothingGiven) as PackReport & { id: string };
    removePack(core.workspace, id);
    expect(listPacks(core.workspace, { trash: 'only' }).map((pack) => pack.id)).toContain(id);
    expect((await problemOf(runPack(core.workspace, { pack: id, input: training.files.test, ...nothingGiven, runtime }))).code).toBe('pack-in-trash');
    restorePack(core.workspace, id);
    expect(listPacks(core.workspace, { trash: 'without' }).map((pack) => pack.id)).toContain(id);
  });

  it('are a prompt to start a run from', async () => {
    const { path } = await exporting(['r0001'], 'l.promptpack');
    const { prompts: [object] } = await importPack(core.workspace, path, nothingGiven);
    const plan = await planRun(core.workspace, { ...request, settings: [...request.settings, `init=checkpoint:${object}`] });
    expect(plan.config.source).toMatchObject({ run: null, weights: object });
  });

  it('are asked over the contract as work with an id', async () => {
    const client = createLocalClient(core);
    const { path } = await exporting(['r0001'], 'm.promptpack');
    const { id } = await client.packs.import({ pack: path });
    const { task } = await client.packs.run({ pack: id ?? '', input: training.files.test });
    for await (const { event } of core.events.watch(null)) if (event.kind === 'task-ended' && event.task === task) break;
    const outcome = await client.packs.outcome({ task });
    expect(outcome).toMatchObject({ pack: id, examples: 5 });
    const page = await client.packs.answers({ answersObject: outcome?.answersObject ?? '', offset: 1, limit: 2 });
    expect(page).toMatchObject({ total: 5, rows: [{ id: '201' }, { id: '202' }] });
  });
});

it('a file that is no pack is refused in the words of its reader, and nothing is kept', async () => {
  const before = listPacks(core.workspace, { trash: 'without' }).length;
  const file = join(folder, 'page.promptpack');
  writeFileSync(file, '<html>');
  expect(await problemOf(importPack(core.workspace, file, nothingGiven))).toMatchObject({ code: 'pack-unknown-file', place: { file } });
  expect(listPacks(core.workspace, { trash: 'without' })).toHaveLength(before);
});
