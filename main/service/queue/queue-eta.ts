/** When waiting entries will start: pure, from what each is thought to take. */

export interface TimedEntry {
  /** Entries of one lane kind run beside each other, as many as it has room for. */
  device: string;
  state: 'active' | 'waiting' | 'held';
  /** Null where nothing is known. */
  secondsLeft: number | null;
}

/**
 * @param entries in the order in which they are to be run.
 * @param roomOf how many run at once on a device.
 * @returns for each the seconds until it starts: 0 at work; null when held, or behind something that may take for ever.
 */
export function estimateStarts(entries: readonly TimedEntry[], roomOf: (device: string) => number): (number | null)[] {
  const lanes = new Map<string, number[]>();
  const lanesOf = (device: string): number[] => {
    const known = lanes.get(device) ?? Array.from({ length: roomOf(device) }, () => 0);
    lanes.set(device, known);
    return known;
  };
  const occupy = ({ device, secondsLeft }: TimedEntry): number => {
    const free = lanesOf(device);
    const start = Math.min(...free);
    free[free.indexOf(start)] = secondsLeft === null ? Number.POSITIVE_INFINITY : start + secondsLeft;
    return start;
  };
  // Whoever is at work has its lane, wherever it was moved in the list.
  for (const entry of entries) if (entry.state === 'active') occupy(entry);
  return entries.map((entry) => {
    if (entry.state === 'active') return 0;
    if (entry.state === 'held') return null;
    const start = occupy(entry);
    return Number.isFinite(start) ? start : null;
  });
}
