/** What the prompts of a pack said to a file: joined line by line, voted on, written as JSON Lines. Memory does not grow with the file. */
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { packAnswerSchema, type PackAnswer } from '../../contract/api/packs.ts';
import { examplePredictionSchema, type ExamplePrediction } from '../../contract/prediction.ts';
import type { PackManifest } from '../../contract/prompt-pack.ts';
import { Problem, toProblem } from '../../contract/problem.ts';
import { voteOn, type Voter } from '../../task/vote.ts';

export interface AnswerCounts {
  examples: number;
  /** In class-id order. */
  labels: number[];
  withoutLabel: number;
  ties: number;
}

type Labels = readonly { readonly value: string; readonly word: string }[] | null;

/**
 * @param predictionFiles one a prompt, as its worker wrote them: the same examples in the same order.
 * @throws {Problem} `predictions-invalid`, a system error
 */
export async function joinAnswers(predictionFiles: readonly string[], { prompts, labels, target }: { prompts: PackManifest['prompts']; labels: Labels; target: string }): Promise<AnswerCounts> {
  const voters = prompts.map(({ metrics }): Voter => ({ devScore: metrics.find(({ split }) => split === 'dev')?.score ?? null }));
  const counts: AnswerCounts = { examples: 0, labels: labels?.map(() => 0) ?? [], withoutLabel: 0, ties: 0 };
  const readers = predictionFiles.map((file) => readLines(file));
  const output = openSync(target, 'wx');
  try {
    for (;;) {
      const lines = await Promise.all(readers.map((reader) => reader.next()));
      if (lines.every(({ done }) => done === true)) return counts;
      const answer = answerOf(lines.map(({ value }, i) => parsePrediction(value, predictionFiles[i] ?? '')), { voters, labels });
      count(counts, answer, labels);
      writeSync(output, `${JSON.stringify(answer)}\n`);
    }
  } catch (thrown) {
    throw toProblem(thrown);
  } finally {
    closeSync(output);
  }
}

/** A page of what `joinAnswers` wrote; only its rows are kept in memory. */
export async function readAnswers(file: string, { offset, limit }: { offset: number; limit: number }): Promise<{ total: number; rows: PackAnswer[] }> {
  const rows: PackAnswer[] = [];
  let total = 0;
  for await (const line of readLines(file)) {
    if (total >= offset && rows.length < limit) rows.push(packAnswerSchema.parse(JSON.parse(line)));
    total += 1;
  }
  return { total, rows };
}

async function* readLines(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function parsePrediction(line: unknown, file: string): ExamplePrediction {
  const parsed = examplePredictionSchema.safeParse(typeof line === 'string' ? JSON.parse(line) : null);
  if (parsed.success) return parsed.data;
  throw new Problem({
    code: 'predictions-invalid', kind: 'failure', found: 'answers of different length, or a line that is no answer', expected: 'what the worker writes',
    action: 'This is a defect of Souffleur; please report it.', place: { file },
  });
}

function answerOf(members: readonly ExamplePrediction[], { voters, labels }: { voters: readonly Voter[]; labels: Labels }): PackAnswer {
  const [first] = members;
  if (first === undefined) throw new Error('no prompt answered');
  const { id, target } = first;
  const spoken = members.map(({ answer, answeredLabel, logProbabilities }) => ({
    answer, label: labelOf(answeredLabel, labels), logProbabilities: byWord(labels, (label) => logProbabilities?.[label]),
  }));
  const [only] = spoken;
  if (members.length === 1 && only !== undefined) return { id, ...only, target, vote: null };
  const { answer, label, votes, abstentions, wasTie, decidedBy } = voteOn(members, voters);
  const mean = (index: number): number => members.reduce((sum, { logProbabilities }) => sum + (logProbabilities?.[index] ?? Number.NEGATIVE_INFINITY), 0) / members.length;
  return {
    id, answer, label: labelOf(label, labels), logProbabilities: first.logProbabilities === null ? null : byWord(labels, mean), target,
    vote: { votes, abstentions, wasTie, decidedBy, members: spoken },
  };
}

function labelOf(index: number | null, labels: Labels): string | null {
  return index === null ? null : (labels?.[index]?.value ?? null);
}

function byWord(labels: Labels, valueOf: (label: number) => number | undefined): Record<string, number | null> | null {
  if (labels === null) return null;
  return Object.fromEntries(labels.map(({ word }, label) => {
    const value = valueOf(label);
    return [word, value !== undefined && Number.isFinite(value) ? value : null];
  }));
}

function count(counts: AnswerCounts, { answer, label, vote }: PackAnswer, labels: Labels): void {
  counts.examples += 1;
  if (vote?.wasTie === true) counts.ties += 1;
  const index = labels?.findIndex(({ value }) => value === label) ?? -1;
  if (index >= 0) counts.labels[index] = (counts.labels[index] ?? 0) + 1;
  else if (labels !== null || answer === null || answer.trim() === '') counts.withoutLabel += 1;
}
