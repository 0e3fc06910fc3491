/** Metrics over class ids; −1 is an answer that is no label. Undefined ratios are 0, as in scikit-learn and T5. */

export interface ClassPair {
  /** True class id. */
  target: number;
  /** Class id of the answer, or −1. */
  predicted: number;
  /** What is scored together: the question of MultiRC. */
  group: string;
}

/** Share of answers that are right. */
export function accuracy(pairs: readonly ClassPair[]): number {
  return ratio(pairs.filter(isRight).length, pairs.length);
}

/** Unweighted mean of the F1 of every class, also of those that do not occur (scikit-learn: f1_score, labels=range(n), average='macro'). */
export function macroF1(pairs: readonly ClassPair[], classCount: number): number {
  let sum = 0;
  for (let classId = 0; classId < classCount; classId += 1) sum += classF1(pairs, classId);
  return ratio(sum, classCount);
}

/**
 * F1 of class 1 of two. An answer that is no label counts as the wrong one of the two (T5: f1_score_with_invalid).
 */
export function binaryF1(pairs: readonly ClassPair[]): number {
  const settled = pairs.map((pair) => (pair.predicted === 0 || pair.predicted === 1 ? pair : { ...pair, predicted: 1 - pair.target }));
  return classF1(settled, 1);
}

/** Share of groups whose every answer is right (T5: mean_group_metric of all_match). */
export function groupExactMatch(pairs: readonly ClassPair[]): number {
  const groups = new Map<string, boolean>();
  for (const pair of pairs) groups.set(pair.group, (groups.get(pair.group) ?? true) && isRight(pair));
  return ratio([...groups.values()].filter(Boolean).length, groups.size);
}

/** [classes, classes + 1]: rows are true classes, the last column answers that are no label. */
export function confusionOf(pairs: readonly ClassPair[], classCount: number): number[][] {
  const counts = Array.from({ length: classCount }, () => Array.from({ length: classCount + 1 }, () => 0));
  for (const { target, predicted } of pairs) {
    const row = counts[target];
    if (row === undefined) throw new Error(`class ${target} of ${classCount}`);
    const column = predicted === -1 ? classCount : predicted;
    row[column] = (row[column] ?? 0) + 1;
  }
  return counts;
}

function classF1(pairs: readonly ClassPair[], classId: number): number {
  let truePositive = 0;
  let wrong = 0;
  for (const { target, predicted } of pairs) {
    if (target === classId && predicted === classId) truePositive += 1;
    else if (target === classId || predicted === classId) wrong += 1;
  }
  return ratio(2 * truePositive, 2 * truePositive + wrong);
}

function isRight({ target, predicted }: ClassPair): boolean {
  return target === predicted;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
