/** The facts of one prompt of a run: where its rows lie, and what it does to the frozen model. */
import { type PromptEffect, type PromptFacts } from '../contract/prompt-facts.ts';
import { Problem, toProblem } from '../contract/problem.ts';
import type { PromptFactsJob } from '../contract/worker-protocol.ts';
import { writeFileAtomicSync } from '../store/atomic-file.ts';
import type { EncodedExample } from '../train/encoding.ts';
import type { EvaluationResult } from '../train/evaluation.ts';
import { answerWithoutPrompt, answerWithPrompts, compareAnswers, measureSensitivity, scoresOf, splitIntoUnits, type EffectBench } from '../train/prompt-effect.ts';
import { describeRows, findNeighbours, pairwiseCosines, randomRowsLike, spreadOf, type FoundNeighbours, type PromptMatrix } from '../train/prompt-geometry.ts';
import { createGenerator } from '../train/random.ts';
import { emptyParameters } from '../train/parameter.ts';
import { loadTrained } from '../train/training-state.ts';
import { initialParameters } from './initial-values.ts';
import { createJobRunner, openJobModel, type JobModel } from './job-model.ts';
import type { JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { bindTask, loadExamples, loadSplits, type BoundTask } from './task-data.ts';

/** 256 × 256 cosines are half a megabyte of text; no window draws more. */
const mostPairwiseRows = 256;

/** @throws {Problem} `method-trains-no-prompt`, and what the model and the data are refused for */
export async function performPromptFacts(job: PromptFactsJob, channel: JobChannel): Promise<void> {
  const startedMs = performance.now();
  const model = await openJobModel(job);
  if (model.method.trains !== 'prompt') throw trainsNoPrompt(job.method);
  const task = await bindTask(job.task, job.files.train);
  const prompt = await loadPrompt(job, model);
  const initial = await remakeInitial(job, model, task);
  const examples = await loadChoosingExamples(job, { model, task, channel });
  const neighbours = await searchNeighbours(job, { model, prompt, channel });
  const measured = neighbours === null ? null : await measure(job, { model, task, prompt, initial: initial.prompt, examples, channel });
  if (neighbours === null || measured === null) return channel.emit({ kind: 'cancelled', step: 0 });
  const facts: PromptFacts = {
    version: 1,
    options: job.options,
    ...describeGeometry(prompt, { initial: initial.prompt, neighbours }),
    initialMissing: initial.missing,
    ...measured,
    seconds: (performance.now() - startedMs) / 1000,
  };
  writeFileAtomicSync(job.factsFile, JSON.stringify(facts));
  channel.emit({ kind: 'facts-found', result: { factsFile: job.factsFile } });
}

async function loadPrompt(job: PromptFactsJob, { method, settings, source }: JobModel): Promise<PromptMatrix> {
  const parameters = emptyParameters(method.place(settings, source.config).trainables);
  await loadTrained(job.checkpointFile, parameters);
  const [parameter] = parameters;
  const [rows = 0, width = 0] = parameter?.shape ?? [];
  return { values: parameter?.values ?? new Float32Array(), rows, width };
}

/** The prompt as training began; why not, where a file that it was read from is gone. */
async function remakeInitial(job: PromptFactsJob, model: JobModel, task: BoundTask): Promise<{ prompt: PromptMatrix | null; missing: string | null }> {
  try {
    const [parameter] = await initialParameters(model, { task, seed: job.seed });
    const [rows = 0, width = 0] = parameter?.shape ?? [];
    return { prompt: { values: parameter?.values ?? new Float32Array(), rows, width }, missing: null };
  } catch (thrown) {
    return { prompt: null, missing: toProblem(thrown).message };
  }
}

interface ChoosingExamples {
  readonly split: PromptEffect['split'];
  readonly all: readonly EncodedExample[];
}

/** What the run's best checkpoint was chosen by; null where it had nothing to choose by or none is asked for. */
async function loadChoosingExamples(job: PromptFactsJob, parts: { model: JobModel; task: BoundTask; channel: JobChannel }): Promise<ChoosingExamples | null> {
  const { files, sampling, options } = job;
  const { model: { rules }, task, channel } = parts;
  if (options.examples === 0) return null;
  if (files.dev !== null) return { split: 'dev', all: await loadExamples({ file: files.dev, format: task.format, use: 'evaluate' }, rules, channel) };
  if (sampling?.devExamples === undefined || sampling.devExamples === null) return null;
  // The draw needs the whole file; nothing is written, because no run is named.
  const { dev } = await loadSplits({ ...job, kind: 'train', members: [], resume: false, files: { ...files, test: null } }, { task, rules, channel });
  return dev === null ? null : { split: 'drawn', all: dev };
}

async function searchNeighbours(
  job: PromptFactsJob,
  { model: { source, rules: { tokenizer } }, prompt, channel }: { model: JobModel; prompt: PromptMatrix; channel: JobChannel },
): Promise<FoundNeighbours | null> {
  const excludedIds = new Set([tokenizer.padId, tokenizer.eosId]);
  for (let index = 0, id = tokenizer.sentinel(0); id !== null; index += 1, id = tokenizer.sentinel(index)) excludedIds.add(id);
  return findNeighbours({
    prompt, excludedIds,
    embedding: source.readWeight('shared.weight'),
    // Rows beyond are no pieces: T5's embedding has 32,128 rows for 32,100.
    vocabularySize: tokenizer.vocabularySize,
    count: job.options.neighbours,
    pieceOf: (id) => tokenizer.pieces([id])[0] ?? '',
    isCancelled: () => channel.isCancelled(),
  });
}

function describeGeometry(prompt: PromptMatrix, { initial, neighbours }: { initial: PromptMatrix | null; neighbours: FoundNeighbours }) {
  const rows = describeRows(prompt, initial).map((row, i) => ({ ...row, neighbours: [...neighbours.rows[i] ?? []] }));
  return {
    shape: [prompt.rows, prompt.width] as [number, number],
    rows,
    norms: spreadOf(rows.map(({ norm }) => norm)),
    vocabulary: {
      searched: neighbours.norms.length,
      norms: spreadOf(neighbours.norms),
      excluded: ['padding', 'end of sequence', 'sentinels', 'embedding rows beyond the tokenizer’s pieces'],
    },
    zeroRows: rows.flatMap(({ norm }, i) => (norm === 0 ? [i] : [])),
    pairwise: pairwiseCosines(prompt, mostPairwiseRows),
  };
}

interface Measurement {
  model: JobModel;
  task: BoundTask;
  prompt: PromptMatrix;
  initial: PromptMatrix | null;
  examples: ChoosingExamples | null;
  channel: JobChannel;
}

type Measured = Pick<PromptFacts, 'effect' | 'effectMissing' | 'sensitivity' | 'sensitivityMissing'>;

/** @returns null when cancelled. */
async function measure(job: PromptFactsJob, { model, task, prompt, initial, examples, channel }: Measurement): Promise<Measured | null> {
  const { options } = job;
  if (examples === null || examples.all.every(({ example }) => example.target === null)) {
    const reason = options.examples === 0 ? 'No examples were asked for.' : examples === null ? 'The run has no examples that it chose by.' : 'The examples have no labels.';
    return { effect: null, effectMissing: reason, sensitivity: null, sensitivityMissing: reason };
  }
  const random = Array.from({ length: options.randomPrompts }, (_, stream): PromptMatrix =>
    ({ ...prompt, values: randomRowsLike(prompt, createGenerator(options.randomSeed, 'random-prompt', stream)) }));
  const asked = examples.all.slice(0, options.examples);
  const few = asked.slice(0, options.sensitivityExamples);
  const variants = [prompt, ...initial === null ? [] : [initial], ...random];
  const units = few.length === 0 ? 0 : splitIntoUnits(prompt.rows, options.sensitivityUnits).length + 1;
  const bench = createBench(job, { model, task, channel, total: asked.length * (variants.length + 1) + few.length * units });
  const zeroShot = await answerWithoutPrompt(bench, asked);
  const answered = zeroShot === null ? null : await answerWithPrompts(bench, variants, asked);
  if (zeroShot === null || answered === null) return null;
  const sensitivity = few.length === 0 ? null : await measureSensitivity(bench, prompt, { examples: few, mostUnits: options.sensitivityUnits });
  if (few.length > 0 && sensitivity === null) return null;
  return {
    effect: { ...describeEffect({ zeroShot, answered, hasInitial: initial !== null }), examples: asked.length, splitExamples: examples.all.length, split: examples.split },
    effectMissing: null,
    sensitivity,
    sensitivityMissing: sensitivity === null ? 'No examples were asked for.' : null,
  };
}

/** @param answered the prompt's, the initial one's where there is one, the random ones'. */
function describeEffect({ zeroShot, answered, hasInitial }: { zeroShot: EvaluationResult; answered: readonly EvaluationResult[]; hasInitial: boolean }) {
  const [prompt = zeroShot, ...others] = answered;
  const [initial = null, random] = hasInitial ? [others[0], others.slice(1)] : [null, others];
  const difference = compareAnswers(zeroShot.predictions, prompt.predictions);
  return {
    prompt: scoresOf(prompt),
    zeroShot: scoresOf(zeroShot),
    initial: initial === null ? null : scoresOf(initial),
    random: random.map(scoresOf),
    isIdenticalToZeroShot: difference.differing === 0,
    difference,
  };
}

function createBench(
  job: PromptFactsJob,
  { model, task, channel, total }: { model: JobModel; task: BoundTask; channel: JobChannel; total: number },
): EffectBench {
  const report = new ProgressReport(channel, () => performance.now());
  let done = 0;
  return {
    openRunner: (promptRows, parameters) => createJobRunner(job, model, { placement: { promptRows, trainables: [] }, parameters, dropoutRate: 0 }),
    rules: model.rules,
    format: task.format,
    microBatch: model.settings.microBatch,
    onAnswers(count) {
      done += count;
      report.update({ phase: 'evaluate', done, total });
    },
    isCancelled: () => channel.isCancelled(),
  };
}

function trainsNoPrompt(method: string): Problem {
  return new Problem({
    code: 'method-trains-no-prompt',
    found: `a checkpoint of ${method}`,
    expected: 'a soft prompt: rows in front of the input or within it',
    action: 'Choose a checkpoint of a run that tuned a prompt.',
  });
}
