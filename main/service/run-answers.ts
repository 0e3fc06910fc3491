/** What a run's checkpoint answered, example by example and page by page: also while the run is still at work. */
import type { RunAnswer } from '../contract/api/runs.ts';
import { Problem } from '../contract/problem.ts';
import { parseRunId, type ObjectHash } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { judgeAnswer } from '../task/metric/judgement.ts';
import { readExamples, type SplitExamples } from './comparison-examples.ts';
import { findSplitInput } from './comparison.ts';
import { findKeptCheckpoint, parsePredictions, type StoredPrediction } from './predictions.ts';

export interface AnswerQuestion {
  /** Null takes the checkpoint that stands for the run. */
  step: number | null;
  split: 'dev' | 'test';
  which: 'all' | 'wrong' | 'right' | 'illegal';
  text: string;
  offset: number;
  limit: number;
}

export interface AnswerPage {
  step: number;
  /** That the question lets through. */
  total: number;
  /** Of all answers, whatever the text. */
  counts: Record<AnswerQuestion['which'], number>;
  rows: RunAnswer[];
}

/** Every answer's texts are in memory; of the view that is open, and no more. */
const kept = new WeakMap<ReadableWorkspace, { key: string; answers: Promise<readonly RunAnswer[]> }>();

/** @throws {Problem} `run-not-found`, `predictions-missing`, `predictions-invalid`, `data-unavailable` for open answers without their file */
export async function pageAnswers(workspace: ReadableWorkspace, text: string, question: AnswerQuestion): Promise<AnswerPage> {
  const run = workspace.runs.get(parseRunId(text));
  const { step, object } = findAnswers(workspace, run, question);
  const answers = await readAnswers(workspace, run, { object, split: question.split });
  const words = question.text.trim().toLowerCase();
  const chosen = answers.filter((answer) => isOf(question.which, answer) && (words === '' || mentions(answer, words)));
  const count = (which: AnswerQuestion['which']): number => answers.filter((answer) => isOf(which, answer)).length;
  return {
    step, total: chosen.length,
    counts: { all: answers.length, wrong: count('wrong'), right: count('right'), illegal: count('illegal') },
    rows: chosen.slice(question.offset, question.offset + question.limit),
  };
}

function findAnswers(workspace: ReadableWorkspace, run: Run, { step: wanted, split }: AnswerQuestion): { step: number; object: ObjectHash } {
  const step = wanted ?? findKeptCheckpoint(workspace, run.id)?.step ?? null;
  const row = step === null ? null : workspace.predictions.find({ run: run.id, step, split });
  if (row !== null) return row;
  const isEarly = !['finished', 'failed', 'cancelled'].includes(run.status);
  throw new Problem({
    code: 'predictions-missing',
    found: step === null ? `run ${run.id}, which has answered nothing yet` : `step ${step} of run ${run.id} without answers on its ${split} file`,
    expected: `a checkpoint that was evaluated on a ${split} file`,
    action: isEarly ? 'Wait for its first evaluation; the answers then stand here.' : `Evaluate it on the file: souffleur eval --run ${run.id} --data FILE`,
  });
}

function readAnswers(workspace: ReadableWorkspace, run: Run, { object, split }: { object: ObjectHash; split: 'dev' | 'test' }): Promise<readonly RunAnswer[]> {
  const key = `${run.id} ${split} ${object}`;
  const known = kept.get(workspace);
  if (known?.key === key) return known.answers;
  const answers = joinAnswers(workspace, run, { object, split });
  kept.set(workspace, { key, answers });
  answers.catch(() => kept.delete(workspace));
  return answers;
}

async function joinAnswers(workspace: ReadableWorkspace, run: Run, { object, split }: { object: ObjectHash; split: 'dev' | 'test' }): Promise<readonly RunAnswer[]> {
  const input = findSplitInput(workspace, run, split);
  const data = await readExamples(run, input === null ? [] : [input], { isNeeded: false });
  return parsePredictions(workspace, object).map((prediction) => judge(prediction, data));
}

function judge({ id, answer, target, label, answeredLabel }: StoredPrediction, { byId, format }: SplitExamples): RunAnswer {
  const example = byId?.get(id) ?? null;
  const isOpen = format.labels === null;
  const hasRightAnswer = isOpen ? (example?.answers.length ?? 0) > 0 || label !== null : label !== null;
  return {
    id, answer, target,
    input: example?.input ?? null,
    isRight: !hasRightAnswer ? null : isOpen ? example !== null && judgeAnswer(format, example, answer).isRight : answeredLabel === label,
    isLegal: isOpen ? null : answeredLabel !== null && answeredLabel >= 0,
  };
}

function isOf(which: AnswerQuestion['which'], { isRight, isLegal }: RunAnswer): boolean {
  switch (which) {
    case 'all': return true;
    case 'wrong': return isRight === false;
    case 'right': return isRight === true;
    case 'illegal': return isLegal === false;
    default: return which satisfies never;
  }
}

function mentions({ id, input, answer, target }: RunAnswer, words: string): boolean {
  return [id, input, answer, target].some((text) => text?.toLowerCase().includes(words) === true);
}
