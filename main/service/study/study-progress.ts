/** How far a study is and how long the rest may take: pure, from what was measured. */

/** What is run at once: the seeds of a method on a task together, or one of them. */
export interface StudyUnit {
  task: string;
  method: string;
  seeds: readonly number[];
}

export interface UnitTime {
  method: string;
  /** How many cells took it together. */
  cells: number;
  seconds: number;
}

export interface RemainingQuestion {
  /** Finished, in this session or an earlier one. */
  measured: readonly UnitTime[];
  /** Not begun. */
  waiting: readonly StudyUnit[];
  /** At work; seconds left by its own count, null before it knows. */
  current: (StudyUnit & { elapsedSeconds: number; etaSeconds: number | null }) | null;
}

export interface RemainingTime {
  seconds: number;
  /** Whether something in the rest was never measured, so that it takes longer than this. */
  isLeast: boolean;
}

/**
 * Every waiting cell is taken to last as long as the finished cells of its method did on average; before there is one, as long as the
 * one at work says it will.
 * @returns null while nothing can be said.
 */
export function estimateRemaining({ measured, waiting, current }: RemainingQuestion): RemainingTime | null {
  const rates = ratesOf(measured);
  const ownSeconds = current === null ? 0 : remainingOfCurrent(current, rates);
  if (current !== null && ownSeconds !== null && !rates.has(current.method)) rates.set(current.method, (current.elapsedSeconds + ownSeconds) / current.seeds.length);
  let seconds = ownSeconds ?? 0;
  let isLeast = ownSeconds === null;
  let isKnown = current !== null && ownSeconds !== null;
  for (const unit of waiting) {
    const rate = rates.get(unit.method);
    if (rate === undefined) isLeast = true;
    else {
      seconds += rate * unit.seeds.length;
      isKnown = true;
    }
  }
  return isKnown || (current === null && waiting.length === 0) ? { seconds, isLeast } : null;
}

/** Its training ends with an evaluation that its own estimate does not count; what was measured does. */
function remainingOfCurrent(current: NonNullable<RemainingQuestion['current']>, rates: ReadonlyMap<string, number>): number | null {
  const rate = rates.get(current.method);
  const byRate = rate === undefined ? null : Math.max(0, rate * current.seeds.length - current.elapsedSeconds);
  if (current.etaSeconds === null) return byRate;
  return byRate === null ? current.etaSeconds : Math.max(byRate, current.etaSeconds);
}

/** Method → mean seconds of a cell. */
function ratesOf(measured: readonly UnitTime[]): Map<string, number> {
  const sums = new Map<string, { seconds: number; cells: number }>();
  for (const { method, cells, seconds } of measured) {
    const sum = sums.get(method) ?? { seconds: 0, cells: 0 };
    sums.set(method, { seconds: sum.seconds + seconds, cells: sum.cells + cells });
  }
  return new Map([...sums].map(([method, { seconds, cells }]) => [method, seconds / Math.max(1, cells)]));
}
