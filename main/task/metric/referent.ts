/** WSC by generation (T5: `wsc_simple` in t5/data/postprocessors.py). */
import type { TaskExample } from '../format.ts';

const determiners = new Set([
  'a', 'an', 'few', 'her', 'his', 'each', 'every', 'many', 'much', 'my', 'our', 'some', 'that', 'the', 'their', 'these', 'this', 'those', 'which',
  'whose', 'your',
]);

/**
 * Whether the answer names the referent: both in lower case without determiners, the words of one are all among the words of the other,
 * and not exactly one of them has an apostrophe ("Bob" is not "Bob's hat"). Null for an answer without words, which is always wrong.
 */
export function namesReferent(answer: string, referent: string): boolean | null {
  const predicted = bareWords(answer);
  const wanted = bareWords(referent);
  if (predicted.join(' ') === '') return null;
  if (predicted.join(' ').includes("'") !== wanted.join(' ').includes("'")) return false;
  return isSubset(predicted, wanted) || isSubset(wanted, predicted);
}

/** Whether "the answer names the given referent" agrees with the example's label: 1 it is the referent, 0 it is not. */
export function isReferentCorrect(example: TaskExample, answer: string): boolean {
  const referent = example.answers[0];
  if (referent === undefined || example.label === null) throw new Error(`example ${example.id} has no referent or no label`);
  const named = namesReferent(answer, referent);
  return named !== null && Number(named) === example.label;
}

function bareWords(text: string): string[] {
  return text.trim().toLowerCase().split(' ').filter((word) => !determiners.has(word));
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const all = new Set(whole);
  return part.every((word) => all.has(word));
}
