/** A task's files before any run: what they hold, and what a constant answer would score on them. */
import type { UsedPvp } from '../../contract/pvp.ts';
import type { Scores } from '../../contract/study.ts';
import type { RunInput, Split } from '../../store/run-inputs-table.ts';
import { readDataset } from '../../task/dataset.ts';
import type { LabelWord, TaskExample, TaskFormat } from '../../task/format.ts';
import { computeMetrics } from '../../task/metric/metric.ts';
import { describeInput, settleLabels } from '../data-files.ts';
import { formatOf } from '../run-task.ts';

export interface TaskRequest {
  id: string;
  title: string | null;
  format: string;
  files: { train: string; dev: string | null; test: string | null };
  labels: readonly string[] | null;
  /** Null for the format's own text form. */
  pvp: UsedPvp | null;
}

export interface TaskFacts {
  id: string;
  title: string;
  format: string;
  labels: LabelWord[] | null;
  pvp: UsedPvp | null;
  isOpen: boolean;
  metrics: string[];
  inputs: RunInput[];
  examples: Record<Split, number>;
  majority: Record<'dev' | 'test', Scores | null>;
}

/** @throws {Problem} of the files, with the line; `nothing-to-score` for a dev or test file without labels */
export async function describeTask({ id, title, format: formatId, files, labels: given, pvp }: TaskRequest): Promise<TaskFacts> {
  const unbound = formatOf({ format: formatId, pvp });
  const labels = await settleLabels(unbound, files.train, given);
  const request = { format: unbound, ...(labels === null ? {} : { labels }) };
  const inputs = [await describeInput('train', files.train)];
  const train = await readDataset({ ...request, file: files.train, use: 'train' });
  const answer = bestConstantAnswer(train.examples, train.format);
  const facts: TaskFacts = {
    id, title: title ?? unbound.title, format: unbound.id, labels, pvp, isOpen: train.format.labels === null, metrics: [...train.format.metrics], inputs,
    examples: { train: train.examples.length, dev: 0, test: 0 }, majority: { dev: null, test: null },
  };
  for (const split of ['dev', 'test'] as const) {
    const file = files[split];
    if (file === null) continue;
    inputs.push(await describeInput(split, file));
    const { examples, format } = await readDataset({ ...request, file, use: 'evaluate' });
    facts.examples[split] = examples.length;
    facts.majority[split] = scoreConstant(format, examples, answer);
  }
  return facts;
}

/**
 * The label that scores best on the training file when it is always given: the most frequent one where the metric is accuracy, and
 * "True" on MultiRC, whose F1 gives nothing for saying False (SuperGLUE's own baseline). Of equals the first.
 * @returns null for open answers.
 */
function bestConstantAnswer(examples: readonly TaskExample[], format: TaskFormat): string | null {
  const scored = (format.labels ?? []).map((answer) => ({ answer, score: scoreConstant(format, examples, answer)?.['score'] ?? 0 }));
  return scored.reduce<(typeof scored)[number] | null>((best, one) => (best === null || one.score > best.score ? one : best), null)?.answer ?? null;
}

/** Scored also where there is no constant answer: a file without labels is refused before hours of training. */
function scoreConstant(format: TaskFormat, examples: readonly TaskExample[], answer: string | null): Scores | null {
  const { scores, score } = computeMetrics(format, examples.map((example) => ({ example, answer: answer ?? '' })));
  return answer === null ? null : { ...scores, score };
}
