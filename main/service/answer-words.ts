/** Answers of runs that say the same classes in different words, told in the words of one of them. */
import { isDeepStrictEqual } from 'node:util';
import type { ExamplePrediction } from '../contract/prediction.ts';

/** Of each class, in class-id order; null for open answers. */
interface Vocabularies {
  from: readonly string[] | null;
  to: readonly string[] | null;
}

/** Class ids and log-probabilities stay as they are; what was no label stays none, even where the other run has that word. */
export function translateAnswers(predictions: readonly ExamplePrediction[], { from, to }: Vocabularies): readonly ExamplePrediction[] {
  if (from === null || to === null || isDeepStrictEqual(from, to)) return predictions;
  return predictions.map((prediction) => {
    const { answer, answeredLabel, label, target } = prediction;
    const said = answeredLabel === null || answeredLabel === -1 ? `“${answer}”` : (to[answeredLabel] ?? answer);
    return { ...prediction, answer: said, target: target === null || label === null ? target : (to[label] ?? target) };
  });
}
