/** Numbers for people. `–` where there is none. */

const none = '–';

/** @param share 0 to 1. */
export function percentText(share: number | null | undefined): string {
  return share === null || share === undefined ? none : `${(share * 100).toFixed(1)}%`;
}

/** `71.2 ± 1.3 (5)`: mean, standard deviation and number of values, in points of 100. */
export function spreadText(summary: { mean: number; standardDeviation: number | null; values: readonly number[] } | undefined): string {
  if (summary === undefined) return none;
  const spread = summary.standardDeviation === null ? '' : ` ± ${(summary.standardDeviation * 100).toFixed(1)}`;
  return `${(summary.mean * 100).toFixed(1)}${spread} (${summary.values.length})`;
}

/** @param share 0 to 1, as points of 100. */
export function pointsText(share: number | null | undefined): string {
  return share === null || share === undefined ? none : (share * 100).toFixed(1);
}

export function lossText(loss: number | null | undefined): string {
  return loss === null || loss === undefined ? none : loss.toPrecision(4);
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function durationText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return none;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}
