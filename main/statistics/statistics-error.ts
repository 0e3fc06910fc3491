/** The error of this folder: the same form as the contract's Problem, which this folder may not import. */

export interface StatisticsErrorParts {
  code: string;
  found: string;
  expected: string;
  action: string;
}

/** Numbers that no statistic can be made of: a defect of the caller, or scores from a damaged file. */
export class StatisticsError extends Error {
  readonly code: string;
  readonly kind = 'input';
  readonly found: string;
  readonly expected: string;
  readonly action: string;

  constructor({ code, found, expected, action }: StatisticsErrorParts) {
    super(`found ${found}; expected ${expected}. ${action}`);
    this.name = 'StatisticsError';
    this.code = code;
    this.found = found;
    this.expected = expected;
    this.action = action;
  }
}

/** @throws {StatisticsError} when a value is NaN or infinite. */
export function requireFinite(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isFinite(values[i])) {
      throw new StatisticsError({
        code: 'statistics-not-finite',
        found: `${values[i]} as value ${i + 1} of ${values.length}`,
        expected: 'finite scores',
        action: 'Evaluate that run again, or leave it out.',
      });
    }
  }
}

/** @throws {StatisticsError} when paired scores differ in number. */
export function requirePairs(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length === b.length) return;
  throw new StatisticsError({
    code: 'statistics-not-paired',
    found: `${a.length} scores beside ${b.length}`,
    expected: 'one pair of scores for every example or seed',
    action: 'Compare runs over the same examples or seeds.',
  });
}
