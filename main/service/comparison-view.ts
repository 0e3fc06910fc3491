/** A comparison for a view: counted once, its examples page by page. */
import { statSync } from 'node:fs';
import type { ComparisonSummary } from '../contract/api/comparison-report.ts';
import type { ExampleFilter, ExampleMark } from '../contract/api/comparisons.ts';
import type { ComparedExample, ComparedPair, ComparisonReport, PairOutcome, Quadrant } from '../contract/comparison.ts';
import { Problem } from '../contract/problem.ts';
import { parseRunId, type ObjectHash, type RunId } from '../store/identifiers.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { filterExamples } from './comparison-filter.ts';
import { compareRuns, findSplitInput, type ComparisonRequest } from './comparison.ts';
import { listMarks } from './example-marks.ts';
import { findKeptCheckpoint } from './predictions.ts';

/** As it comes over the contract. */
export interface ComparisonQuestion extends Omit<ComparisonRequest, 'runs'> {
  runs: readonly string[];
}

/** Reports hold every example's text; those of the views that are open are enough. */
const mostKept = 4;
const kept = new WeakMap<ReadableWorkspace, Map<string, Promise<ComparisonReport>>>();

/** Counts once as long as the runs' answers and files stay what they are. @throws {Problem} as compareRuns, `run-id-invalid` */
export function readComparison(workspace: ReadableWorkspace, question: ComparisonQuestion): Promise<ComparisonReport> {
  const request = { ...question, runs: question.runs.map(parseRunId) };
  const reports = kept.get(workspace) ?? new Map<string, Promise<ComparisonReport>>();
  kept.set(workspace, reports);
  const key = JSON.stringify([request.split, request.scope, request.runs.map((run) => stateOf(workspace, run, request.split))]);
  const report = reports.get(key) ?? compareRuns(workspace, request);
  reports.delete(key);
  reports.set(key, report);
  const [oldest] = reports.keys();
  if (reports.size > mostKept && oldest !== undefined) reports.delete(oldest);
  // A failure is told to whoever waits and asked again the next time.
  report.catch(() => reports.delete(key));
  return report;
}

/** What a run brings into a comparison: its answers by their content, its file by when it changed. */
function stateOf(workspace: ReadableWorkspace, id: RunId, split: 'dev' | 'test'): readonly unknown[] {
  const run = workspace.runs.find(id);
  if (run === null) return [id];
  const checkpoint = findKeptCheckpoint(workspace, id);
  const answers = checkpoint === null ? null : workspace.predictions.find({ run: id, step: checkpoint.step, split });
  const file = findSplitInput(workspace, run, split)?.path ?? null;
  return [id, run.status, answers?.object ?? null, file === null ? null : (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null)];
}

/** @returns what stars and notes of the compared examples are kept under: the first run's file. */
export function dataKeyOf(workspace: ReadableWorkspace, { runs, split }: ComparisonQuestion): ObjectHash {
  const [first] = runs.map((id) => workspace.runs.get(parseRunId(id)));
  const input = first === undefined ? null : findSplitInput(workspace, first, split);
  if (input !== null) return input.sha256;
  throw new Problem({
    code: 'predictions-missing', found: `a run without a ${split} file`, expected: `runs that answered a ${split} file`, action: 'Compare the other split.',
  });
}

/** The report with its examples counted. */
export function summariseComparison({ examples: _examples, pairs, ...shared }: ComparisonReport): ComparisonSummary {
  return { ...shared, pairs: pairs.map(countPair) };
}

function countPair({ outcome, byQuestion, ...pair }: ComparedPair): ComparisonSummary['pairs'][number] {
  return { ...pair, outcome: countOutcome(outcome), byQuestion: byQuestion === null ? null : countOutcome(byQuestion) };
}

function countOutcome({ quadrants, ...outcome }: PairOutcome): ComparisonSummary['pairs'][number]['outcome'] {
  const count = (quadrant: Quadrant): number => quadrants[quadrant].length;
  return { ...outcome, quadrants: { 'both-right': count('both-right'), 'only-a': count('only-a'), 'only-b': count('only-b'), 'both-wrong': count('both-wrong') } };
}

export interface ExamplePage {
  /** That the filter lets through. */
  total: number;
  rows: (ComparedExample & { mark: ExampleMark | null })[];
}

/** @throws {Problem} as readComparison and filterExamples */
export async function pageExamples(
  workspace: ReadableWorkspace,
  { filter, offset, limit, ...question }: ComparisonQuestion & { filter: ExampleFilter; offset: number; limit: number },
): Promise<ExamplePage> {
  const report = await readComparison(workspace, question);
  const marks = new Map(listMarks(workspace, dataKeyOf(workspace, question)).map((mark) => [mark.example, mark]));
  const chosen = filterExamples(report, filter, marks);
  return { total: chosen.length, rows: chosen.slice(offset, offset + limit).map((example) => ({ ...example, mark: marks.get(example.id) ?? null })) };
}
