/** Finished runs over the same examples, held against each other down to the single answer. */
import { statSync } from 'node:fs';
import type { ComparedAnswer, ComparedExample, ComparedRun, ComparisonReport, ParameterCount } from '../contract/comparison.ts';
import { Problem } from '../contract/problem.ts';
import { findMethod } from '../method/index.ts';
import type { RunId } from '../store/identifiers.ts';
import type { RunInput } from '../store/run-inputs-table.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import type { TaskExample, TaskFormat } from '../task/format.ts';
import { judgeAnswer } from '../task/metric/judgement.ts';
import { computeMetrics } from '../task/metric/metric.ts';
import { readExamples, type SplitExamples } from './comparison-examples.ts';
import { joinSides, requireJoin, type Join } from './comparison-join.ts';
import { comparePairs, noLabel } from './comparison-pair.ts';
import { countParameters } from './comparison-parameters.ts';
import { readPredictions, type StoredPrediction } from './predictions.ts';
import { readRunConfig } from './run-config.ts';
import { boundFormatOf, classesOf, taskOfRun, wordsOf } from './run-task.ts';
import { translateAnswers } from './answer-words.ts';
import { summariseRun } from './run-report.ts';

export interface ComparisonRequest {
  runs: readonly RunId[];
  split: 'dev' | 'test';
  /** `all` refuses runs over different examples, `common` compares them on those they share. */
  scope: 'all' | 'common';
}

/** Pairs grow with the square; each resamples its examples ten thousand times. */
const mostRuns = 16;

interface Side {
  readonly run: Run;
  readonly rows: readonly StoredPrediction[];
  readonly byId: ReadonlyMap<string, StoredPrediction>;
  readonly data: SplitExamples;
}

/**
 * @throws {Problem} `too-few-runs`, `too-many-runs`, `run-repeated`, `run-not-found`, `run-not-finished`, `tasks-differ`, `labels-differ`, those of
 * readPredictions, readExamples and requireJoin, and `nothing-to-score` where no common example has a label
 */
export async function compareRuns(workspace: ReadableWorkspace, request: ComparisonRequest): Promise<ComparisonReport> {
  const runs = requireComparable(workspace, request.runs);
  const sides = await readSides(workspace, runs, request.split);
  const format = boundFormatOf(taskOfRun(runs[0] as Run));
  const joinable = sides.map(({ run, rows, data }) => ({ run: run.id, rows, contentOf: contentOf(data) }));
  const join = joinSides(joinable);
  requireJoin(join, joinable, request.scope);
  const { examples, labelled } = compareExamples(sides, join, format);
  const compared = sides.map((side) => compareRun(workspace, side, labelled, format));
  return {
    task: format.id,
    split: request.split,
    labels: format.labels,
    joined: { examples: examples.length, unlabelled: join.ids.length - examples.length, leftOut: join.missing + join.contradictory },
    runs: compared,
    pairs: await comparePairs({
      runs: compared.map((run) => ({ id: run.id, name: `${run.id} (${run.methodTitle}, seed ${run.seed})` })),
      examples,
      labels: format.labels,
      hasQuestions: format.metrics.includes('question-exact-match'),
      test: format.metrics.includes('span-f1') ? 'bootstrap' : 'mcnemar',
      task: format.id,
    }),
    examples,
    parameterCounts: countForModel(workspace, runs, format),
    warnings: warningsOf(sides, join, request.split),
  };
}

function requireComparable(workspace: ReadableWorkspace, ids: readonly RunId[]): Run[] {
  if (ids.length < 2 || ids.length > mostRuns) {
    const code = ids.length < 2 ? 'too-few-runs' : 'too-many-runs';
    throw new Problem({ code, found: `${ids.length} ${ids.length === 1 ? 'run' : 'runs'}`, expected: `2 to ${mostRuns} runs to compare`, action: 'Name them, as in: souffleur compare r0001 r0002' });
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new Problem({ code: 'run-repeated', found: `run ${repeated} twice`, expected: 'different runs', action: 'Name every run once.' });
  const runs = ids.map((id) => workspace.runs.get(id));
  for (const run of runs) requireFinished(run);
  requireSame(runs, 'tasks-differ', 'a task', (run) => run.task);
  requireSame(runs, 'labels-differ', 'classes', (run) => classesOf(run)?.join(', ') ?? '');
  return runs;
}

function requireFinished({ id, status }: Run): void {
  if (status === 'finished') return;
  throw new Problem({
    code: 'run-not-finished',
    found: `run ${id}, which is ${status}`,
    expected: 'finished runs',
    action: `Let it finish first: souffleur tune --resume ${id}`,
  });
}

/** Answers to different questions cannot be held against each other. */
function requireSame(runs: readonly Run[], code: string, what: string, read: (run: Run) => string): void {
  const [first] = runs;
  const other = runs.find((run) => first !== undefined && read(run) !== read(first));
  if (first === undefined || other === undefined) return;
  throw new Problem({
    code,
    found: `run ${first.id} with ${what} of ${read(first)} and run ${other.id} with ${what} of ${read(other)}`,
    expected: `runs that have ${what} in common`,
    action: 'Compare runs of one task. A study holds methods against each other over several tasks.',
  });
}

async function readSides(workspace: ReadableWorkspace, runs: readonly Run[], split: 'dev' | 'test'): Promise<Side[]> {
  const inputs = runs.map((run) => findSplitInput(workspace, run, split));
  // One file for all: its hash says that equal ids are equal examples, and it need not be there any more.
  const isOneFile = !inputs.includes(null) && new Set(inputs.map((input) => input?.sha256)).size === 1;
  const [speaker] = runs as readonly [Run, ...Run[]];
  const words = wordsOf(speaker);
  const files = new Map<string, SplitExamples>();
  const sides: Side[] = [];
  for (const [index, run] of runs.entries()) {
    // Patterns and verbalizers may differ: everything is told in the words of the first run.
    const rows = translateAnswers(await readPredictions(workspace, run.id, split), { from: wordsOf(run), to: words });
    const sha256 = inputs[index]?.sha256 ?? '';
    const copies = inputs.filter((input) => input !== null).filter((input) => input.sha256 === sha256);
    const data = files.get(sha256) ?? await readExamples(speaker, copies, { isNeeded: !isOneFile });
    files.set(sha256, data);
    sides.push({ run, rows, byId: new Map(rows.map((row) => [row.id, row])), data });
  }
  return sides;
}

/** The file that a run's answers on a split are of; a few-shot run without a dev file draws its dev examples from the training file. */
export function findSplitInput(workspace: ReadableWorkspace, run: Run, split: 'dev' | 'test'): RunInput | null {
  const inputs = workspace.runInputs.list(run.id);
  const own = inputs.find(({ role }) => role === split);
  const isDrawn = split === 'dev' && (readRunConfig(run).sampling?.devExamples ?? null) !== null;
  return own ?? (isDrawn ? inputs.find(({ role }) => role === 'train') : undefined) ?? null;
}

function contentOf({ byId }: SplitExamples): (row: StoredPrediction) => string {
  return ({ id, target }) => JSON.stringify([byId?.get(id)?.input ?? null, target]);
}

interface Labelled {
  readonly id: string;
  readonly example: TaskExample;
}

function compareExamples(sides: readonly Side[], join: Join, format: TaskFormat): { examples: ComparedExample[]; labelled: Labelled[] } {
  const data = sides.find((side) => side.data.byId !== null)?.data.byId ?? null;
  const examples: ComparedExample[] = [];
  const labelled: Labelled[] = [];
  for (const id of join.ids) {
    const rows = sides.map(({ byId }) => byId.get(id) as StoredPrediction);
    const { target, group, label } = rows[0] as StoredPrediction;
    if (target === null) continue;
    const known = data?.get(id);
    const example = known ?? { id, input: '', target, label, group, answers: [], line: 0 };
    labelled.push({ id, example });
    examples.push({ id, group, input: known?.input ?? null, target, answers: rows.map((row) => compareAnswer(row, example, format)) });
  }
  return { examples, labelled };
}

function compareAnswer({ answer, logProbabilities, label }: StoredPrediction, example: TaskExample, format: TaskFormat): ComparedAnswer {
  return { text: answer, ...judgeAnswer(format, example, answer), margin: logProbabilities === null || label === null ? null : marginOf(logProbabilities, label) };
}

/** Null where the model gave a label no finite probability. */
function marginOf(logProbabilities: readonly (number | null)[], label: number): number | null {
  const right = logProbabilities[label] ?? null;
  const others = logProbabilities.filter((value, id): value is number => id !== label && value !== null);
  return right === null || others.length === 0 ? null : right - Math.max(...others);
}

function compareRun(workspace: ReadableWorkspace, { run, byId }: Side, labelled: readonly Labelled[], format: TaskFormat): ComparedRun {
  const metrics = computeMetrics(format, labelled.map(({ id, example }) => ({ example, answer: byId.get(id)?.answer ?? '' })));
  const { trainableParameters, seconds, peakMemoryBytes, checkpoint } = summariseRun(workspace, run.id);
  return {
    id: run.id,
    method: run.method,
    methodTitle: findMethod(run.method).title,
    model: run.model,
    seed: run.seed,
    trainableParameters,
    storageBytesPerTask: checkpoint === null ? null : (statSync(checkpoint, { throwIfNoEntry: false })?.size ?? null),
    seconds,
    peakMemoryBytes,
    scores: { ...metrics.scores, score: metrics.score },
    legalRate: metrics.legalRate,
    confusion: metrics.confusion === null ? null : { rows: metrics.confusion.labels, columns: [...metrics.confusion.labels, noLabel], counts: metrics.confusion.counts },
  };
}

function countForModel(workspace: ReadableWorkspace, runs: readonly Run[], { labels }: TaskFormat): readonly ParameterCount[] | null {
  const [first] = runs;
  if (first === undefined || new Set(runs.map(({ modelFingerprint }) => modelFingerprint)).size > 1) return null;
  const lengths = new Set(runs.map((run) => readRunConfig(run).settings['promptLength']).filter((length) => typeof length === 'number'));
  const [length] = lengths;
  return countParameters(workspace.models.get(first.model).config, {
    ...(lengths.size === 1 && length !== undefined ? { promptLength: length } : {}),
    ...(labels === null ? {} : { classes: labels.length }),
  });
}

function warningsOf(sides: readonly Side[], { missing, contradictory }: Join, split: string): string[] {
  const warnings = new Set(sides.flatMap(({ data }) => (data.warning === null ? [] : [data.warning])));
  if (missing > 0) warnings.add(`${missing} examples are not in the ${split} file of every run and were left out.`);
  if (contradictory > 0) warnings.add(`${contradictory} ids stand for different examples in different runs and were left out.`);
  return [...warnings];
}
