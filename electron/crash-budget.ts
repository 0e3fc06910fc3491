/** How often a page may fall before it is left alone: a page that falls while it loads would otherwise be loaded for ever. */
export interface CrashBudget {
  /** @returns whether it may be loaded once more */
  spend(nowMs: number): boolean;
}

const mostCrashes = 3;
const windowMs = 60_000;

export function createCrashBudget(): CrashBudget {
  let crashes: number[] = [];
  return {
    spend(nowMs) {
      crashes = [...crashes.filter((timeMs) => nowMs - timeMs < windowMs), nowMs];
      return crashes.length < mostCrashes;
    },
  };
}
