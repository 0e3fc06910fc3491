/** Two runs over joined examples: who was right where, and whether the difference is more than chance. Pure. */
import type { ComparedExample, ComparedPair, ConfusionTable, PairOutcome, Quadrant } from '../contract/comparison.ts';
import { bootstrapPairs } from '../statistics/bootstrap.ts';
import { comparisonSentence } from '../statistics/comparison-sentence.ts';
import { adjustByHolm } from '../statistics/holm.ts';
import { cohensG, testMcNemar } from '../statistics/mcnemar.ts';
import { answerClass } from '../task/metric/metric.ts';

export interface NamedRun {
  readonly id: string;
  /** In sentences. */
  readonly name: string;
}

export interface PairSettings {
  readonly runs: readonly NamedRun[];
  /** Answers in the order of the runs. */
  readonly examples: readonly ComparedExample[];
  /** Words in class-id order; null for open answers. */
  readonly labels: readonly string[] | null;
  /** Whether examples of a group are answers to one question (MultiRC). */
  readonly hasQuestions: boolean;
  /** Which p is corrected and told: McNemar's sees only right and wrong, token F1 lies between. */
  readonly test: Test;
  readonly task: string;
}

type Test = 'mcnemar' | 'bootstrap';

/** For everyone the same resamples: the same comparison gives the same interval again. */
const bootstrapSeed = 0;
export const noLabel = 'no label';

/** Every run with every later one. Long files and many runs take seconds, so it pauses between pairs. */
export async function comparePairs(settings: PairSettings): Promise<ComparedPair[]> {
  const { runs, examples, labels, hasQuestions, test } = settings;
  const units = exampleUnits(examples);
  const questions = hasQuestions ? groupUnits(examples) : null;
  const drafts: { a: number; b: number; outcome: Draft; byQuestion: Draft | null }[] = [];
  for (const a of runs.keys()) {
    for (let b = a + 1; b < runs.length; b += 1) {
      const outcome = draftOutcome(units, { a, b, test, unit: hasQuestions ? 'answer' : 'example' });
      drafts.push({ a, b, outcome, byQuestion: questions === null ? null : draftOutcome(questions, { a, b, test: 'mcnemar', unit: 'question' }) });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const adjusted = adjustByHolm(drafts.map(({ outcome }) => outcome.pValue));
  const adjustedQuestions = adjustByHolm(drafts.map(({ byQuestion }) => byQuestion?.pValue ?? null));
  return drafts.map(({ a, b, outcome, byQuestion }, index) => {
    const context = { a: nameAt(runs, a), b: nameAt(runs, b), task: settings.task, isCorrected: drafts.length > 1 };
    return {
      a: context.a.id,
      b: context.b.id,
      outcome: finishOutcome(outcome, { ...context, adjusted: adjusted[index] ?? null }),
      byQuestion: byQuestion === null ? null : finishOutcome(byQuestion, { ...context, adjusted: adjustedQuestions[index] ?? null }),
      confusion: labels === null ? null : confuse(examples, labels, { a, b }),
    };
  });
}

/** What is right or wrong as one: an example, or a question with all its answers. */
interface Unit {
  readonly id: string;
  /** In the order of the runs. */
  readonly outcomes: readonly { readonly isRight: boolean; readonly value: number }[];
}

interface Draft extends Omit<PairOutcome, 'adjustedPValue' | 'sentence'> {
  /** The one that is corrected. */
  readonly pValue: number | null;
}

function exampleUnits(examples: readonly ComparedExample[]): Unit[] {
  return examples.map(({ id, answers }) => ({ id, outcomes: answers }));
}

/** A question is right when all its answers are. */
function groupUnits(examples: readonly ComparedExample[]): Unit[] {
  const groups = Map.groupBy(examples, ({ group, id }) => group ?? id);
  return [...groups].map(([id, members]) => ({
    id,
    outcomes: (members[0]?.answers ?? []).map((_, run) => {
      const isRight = members.every(({ answers }) => answers[run]?.isRight === true);
      return { isRight, value: Number(isRight) };
    }),
  }));
}

function draftOutcome(units: readonly Unit[], { a, b, unit, test }: { a: number; b: number; unit: PairOutcome['unit']; test: Test }): Draft {
  const quadrants: Record<Quadrant, string[]> = { 'both-right': [], 'only-a': [], 'only-b': [], 'both-wrong': [] };
  const values = { a: new Float64Array(units.length), b: new Float64Array(units.length) };
  for (const [index, { id, outcomes }] of units.entries()) {
    const [left, right] = [outcomes[a], outcomes[b]];
    if (left === undefined || right === undefined) throw new Error(`unit ${id} lacks an answer`);
    quadrants[quadrantOf(left.isRight, right.isRight)].push(id);
    values.a[index] = left.value;
    values.b[index] = right.value;
  }
  const discordant = { onlyA: quadrants['only-a'].length, onlyB: quadrants['only-b'].length };
  const mcnemar = { pValue: testMcNemar(discordant).pValue };
  const bootstrap = bootstrapPairs({ ...values, seed: bootstrapSeed });
  return {
    unit,
    total: units.length,
    quadrants,
    difference: bootstrap?.difference ?? (values.a[0] ?? 0) - (values.b[0] ?? 0),
    mcnemar,
    bootstrap: bootstrap === null ? null : { pValue: bootstrap.pValue, low: bootstrap.low, high: bootstrap.high },
    effect: cohensG(discordant),
    pValue: test === 'mcnemar' ? mcnemar.pValue : (bootstrap?.pValue ?? null),
  };
}

function quadrantOf(isRightA: boolean, isRightB: boolean): Quadrant {
  if (isRightA) return isRightB ? 'both-right' : 'only-a';
  return isRightB ? 'only-b' : 'both-wrong';
}

function finishOutcome(
  { pValue: _pValue, ...draft }: Draft,
  { a, b, task, isCorrected, adjusted }: { a: NamedRun; b: NamedRun; task: string; isCorrected: boolean; adjusted: number | null },
): PairOutcome {
  const sentence = comparisonSentence({
    a: a.name,
    b: b.name,
    task,
    difference: draft.difference,
    interval: draft.bootstrap,
    pValue: adjusted,
    correction: isCorrected ? 'holm' : 'none',
    sample: { unit: 'examples', count: draft.total },
  });
  return { ...draft, adjustedPValue: adjusted, sentence };
}

/** Answer of a × answer of b. */
function confuse(examples: readonly ComparedExample[], labels: readonly string[], { a, b }: { a: number; b: number }): ConfusionTable {
  const names = [...labels, noLabel];
  const counts = names.map(() => names.map(() => 0));
  const classOf = (text: string | undefined): number => {
    const id = answerClass(text ?? '', labels);
    return id === -1 ? labels.length : id;
  };
  for (const { answers } of examples) {
    const row = counts[classOf(answers[a]?.text)] as number[];
    const column = classOf(answers[b]?.text);
    row[column] = (row[column] ?? 0) + 1;
  }
  return { rows: names, columns: names, counts };
}

function nameAt(runs: readonly NamedRun[], index: number): NamedRun {
  const run = runs[index];
  if (run === undefined) throw new Error(`no run ${index}`);
  return run;
}
