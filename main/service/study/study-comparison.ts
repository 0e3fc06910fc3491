/** Methods of a study held against each other, task by task, and the tests corrected over all of them. */
import type { ComparisonReport, ComparedPair } from '../../contract/comparison.ts';
import type { StudyCell, StudyComparison } from '../../contract/study.ts';
import { comparisonSentence } from '../../statistics/comparison-sentence.ts';
import { adjustByHolm } from '../../statistics/holm.ts';
import { pointsText, pValueText } from '../../statistics/number-text.ts';
import { permuteGroups } from '../../statistics/permutation.ts';
import { parseRunId } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { compareRuns } from '../comparison.ts';
import type { DefinedMethod, DefinedTask } from './study-definition.ts';

export interface MethodComparison {
  tasks: readonly DefinedTask[];
  methods: readonly DefinedMethod[];
  cells: readonly StudyCell[];
  /** As compareBestRuns gives them. */
  reports: ReadonlyMap<string, ComparisonReport>;
}

/** Before the correction. */
interface Draft extends Omit<StudyComparison, 'adjustedPValue' | 'sentence'> {
  /** The one that is corrected: over examples, which every comparison has. With few seeds a permutation could never be significant. */
  pValue: number | null;
  examples: number;
  /** Of the best runs over the examples: what the p-value is about. */
  bestDifference: number;
  seeds: { a: number; b: number };
}

/**
 * The runs that dev chose, one a method, over the same examples.
 * @returns by task id, for tasks with two such runs or more.
 * @throws {Problem} as compareRuns
 */
export async function compareBestRuns(
  workspace: ReadableWorkspace,
  { tasks, cells, split }: Pick<MethodComparison, 'tasks' | 'cells'> & { split: 'dev' | 'test' },
): Promise<Map<string, ComparisonReport>> {
  const reports = new Map<string, ComparisonReport>();
  for (const { id } of tasks) {
    const runs = comparableCells(cells, id).map(({ best }) => parseRunId(best?.runId ?? ''));
    if (runs.length >= 2) reports.set(id, await compareRuns(workspace, { runs, split, scope: 'all' }));
  }
  return reports;
}

/** Every method with every later one, on every task where both have a finished run: the chosen runs over the examples, the means over the seeds. */
export function compareMethods({ tasks, methods, cells, reports }: MethodComparison): StudyComparison[] {
  const drafts = tasks.flatMap((task) => {
    const report = reports.get(task.id);
    const compared = comparableCells(cells, task.id);
    return report === undefined ? [] : compared.flatMap((a, index) => compared.slice(index + 1).map((b) => draftComparison(report, { a, b, task })));
  });
  const adjusted = adjustByHolm(drafts.map(({ pValue }) => pValue));
  const names = nameMethods(methods);
  return drafts.map((draft, index) => finishComparison(draft, {
    adjusted: adjusted[index] ?? null, names, isCorrected: drafts.length > 1,
  }));
}

function comparableCells(cells: readonly StudyCell[], task: string): StudyCell[] {
  return cells.filter((cell) => cell.task === task && cell.best !== null);
}

function draftComparison(report: ComparisonReport, { a, b, task }: { a: StudyCell; b: StudyCell; task: DefinedTask }): Draft {
  const pair = report.pairs.find((candidate) => candidate.a === a.best?.runId && candidate.b === b.best?.runId);
  if (pair === undefined) throw new Error(`no comparison of ${a.method} and ${b.method}`);
  const { outcome } = pair;
  const [left, right] = [a.summary['score'], b.summary['score']];
  const permutation = permuteGroups({ a: left?.values ?? [], b: right?.values ?? [] });
  return {
    task: a.task,
    a: a.method,
    b: b.method,
    difference: (left?.mean ?? 0) - (right?.mean ?? 0),
    mcnemar: { pValue: outcome.mcnemar.pValue, ...discordantOf(pair) },
    bootstrap: outcome.bootstrap,
    permutation: permutation === null ? null : { pValue: permutation.pValue },
    effect: outcome.effect,
    // A span is more or less right.
    pValue: task.metrics.includes('span-f1') ? (outcome.bootstrap?.pValue ?? null) : outcome.mcnemar.pValue,
    examples: outcome.total,
    bestDifference: outcome.difference,
    seeds: { a: left?.values.length ?? 0, b: right?.values.length ?? 0 },
  };
}

function discordantOf({ outcome: { quadrants } }: ComparedPair): { onlyA: number; onlyB: number } {
  return { onlyA: quadrants['only-a'].length, onlyB: quadrants['only-b'].length };
}

function finishComparison(
  { pValue: _pValue, examples, bestDifference, seeds, ...draft }: Draft,
  { adjusted, names, isCorrected }: { adjusted: number | null; names: ReadonlyMap<string, string>; isCorrected: boolean },
): StudyComparison {
  const [a, b] = [names.get(draft.a) ?? draft.a, names.get(draft.b) ?? draft.b];
  const ofBest = comparisonSentence({
    // By its id: a title may be a question.
    a, b, task: draft.task, difference: bestDifference, interval: draft.bootstrap, pValue: adjusted, correction: isCorrected ? 'holm' : 'none', sample: { unit: 'examples', count: examples },
  });
  return { ...draft, adjustedPValue: adjusted, sentence: seeds.a < 2 && seeds.b < 2 ? ofBest : `${ofBest} ${sentenceOfMeans(draft, { a, b, seeds })}` };
}

/** The best of several runs is no mean of them: both are said. */
function sentenceOfMeans({ difference, permutation }: Pick<Draft, 'difference' | 'permutation'>, { a, b, seeds }: { a: string; b: string; seeds: Draft['seeds'] }): string {
  // In the order in which the sentence names the methods.
  const [aboveSeeds, belowSeeds] = difference > 0 ? [seeds.a, seeds.b] : [seeds.b, seeds.a];
  const size = seeds.a === seeds.b ? `${seeds.a} seeds each` : `${aboveSeeds} and ${belowSeeds} seeds`;
  const evidence = permutation === null ? size : `${pValueText(permutation.pValue)}, ${size}`;
  if (difference === 0) return `Their means over the seeds are the same (${evidence}).`;
  const [above, below] = difference > 0 ? [a, b] : [b, a];
  return `By the means over the seeds, ${above} is ${pointsText(Math.abs(difference))} points above ${below} (${evidence}).`;
}

/** Titles, with the id where two methods share one. */
function nameMethods(methods: readonly DefinedMethod[]): Map<string, string> {
  return new Map(methods.map(({ id, title }) => [id, methods.filter((other) => other.title === title).length > 1 ? `${title} (${id})` : title]));
}
