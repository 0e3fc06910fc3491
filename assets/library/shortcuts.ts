/**
 * What a label can be guessed from without doing the task: a naive Bayes classifier (Laplace smoothing) over the words of one field
 * alone, trained on train and scored on test. It should stand at the majority.
 */
import type { Item } from './library-task.ts';

/** @returns accuracy by field. */
export function scoreSingleFields(train: readonly Item[], test: readonly Item[]): Record<string, number> {
  const fields = Object.keys(train[0]?.fields ?? {});
  return Object.fromEntries(fields.map((field) => [field, scoreField(field, train, test)]));
}

function scoreField(field: string, train: readonly Item[], test: readonly Item[]): number {
  const labels = [...new Set(train.map(({ label }) => label))].sort();
  const counts = new Map(labels.map((label) => [label, new Map<string, number>()]));
  const totals = new Map(labels.map((label) => [label, 0]));
  const priors = new Map(labels.map((label) => [label, 0]));
  const vocabulary = new Set<string>();
  for (const { label, fields } of train) {
    priors.set(label, (priors.get(label) ?? 0) + 1);
    for (const word of wordsOf(fields[field])) {
      vocabulary.add(word);
      const own = counts.get(label);
      own?.set(word, (own.get(word) ?? 0) + 1);
      totals.set(label, (totals.get(label) ?? 0) + 1);
    }
  }
  const guess = (text: string | undefined): string => {
    const words = wordsOf(text);
    const score = (label: string): number => words.reduce(
      (sum, word) => sum + Math.log(((counts.get(label)?.get(word) ?? 0) + 1) / ((totals.get(label) ?? 0) + vocabulary.size)),
      Math.log((priors.get(label) ?? 0) / train.length),
    );
    return labels.map((label) => ({ label, score: score(label) })).sort((a, b) => b.score - a.score)[0]?.label ?? '';
  };
  return test.filter((item) => guess(item.fields[field]) === item.label).length / test.length;
}

function wordsOf(text = ''): string[] {
  return text.toLowerCase().match(/[\w@]+/g) ?? [];
}
