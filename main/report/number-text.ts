/** Numbers as a person reads them. Every score is a share from 0 to 1 and is written in percent, without the sign. */
import type { ScoreSummary } from '../contract/study.ts';

export const dash = '–';
const minus = '−';

/** 0.8432 → “84.3”; null and what is not finite → “–”. */
export function scoreText(share: number | null | undefined, decimals = 1): string {
  return share === null || share === undefined || !Number.isFinite(share) ? dash : signedByMinus((share * 100).toFixed(decimals));
}

/** Ticks of one axis in percent, all with as many decimals as the finest needs: 0.625 and 0.65 → “62.5”, “65.0”. */
export function scoreTickText(ticks: readonly number[]): (tick: number) => string {
  const decimals = [0, 1, 2].find((count) => ticks.every((tick) => Math.abs(Number((tick * 100).toFixed(count)) - tick * 100) < 1e-6)) ?? 3;
  return (tick) => scoreText(tick, decimals);
}

/** “84.3 ± 1.2”, or “84.3” for one value. */
export function summaryText(summary: ScoreSummary | undefined): string {
  if (summary === undefined) return dash;
  const spread = summary.standardDeviation;
  return spread === null ? scoreText(summary.mean) : `${scoreText(summary.mean)} ± ${scoreText(spread)}`;
}

/** Percentage points with their sign: 0.032 → “+3.2”. */
export function differenceText(difference: number): string {
  if (!Number.isFinite(difference)) return dash;
  const points = (difference * 100).toFixed(1);
  return Number(points) > 0 ? `+${points}` : signedByMinus(points);
}

/** “p < 0.001”, “p = 0.034”, “p = 0.21”. */
export function pValueText(pValue: number | null | undefined): string {
  if (pValue === null || pValue === undefined || !Number.isFinite(pValue)) return dash;
  if (pValue < 0.001) return '< 0.001';
  return pValue.toFixed(pValue < 0.1 ? 3 : 2);
}

/** 20480 → “20,480”. */
export function countText(count: number): string {
  return Number.isFinite(count) ? signedByMinus(String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')) : dash;
}

/** 20480 → “20.5 K”, 11e9 → “11 B”: three figures, as the papers write parameters. */
export function shortCountText(count: number): string {
  return withUnit(count, 1000, ['', ' K', ' M', ' B', ' T']);
}

/** 1,048,576 bytes → “1 MiB”. */
export function bytesText(bytes: number): string {
  return withUnit(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']);
}

/** 75 → “1 min 15 s”. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return dash;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${countText(Math.floor(whole / 3600))} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A share of parameters, 0.00041 → “0.041 %”: two figures at least below one percent. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return dash;
  const percent = share * 100;
  if (percent === 0) return '0 %';
  return `${percent >= 1 ? trimmed(percent.toFixed(1)) : trimmed(percent.toPrecision(2))} %`;
}

/** “1 example”, “2 examples”. */
export function quantityText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function withUnit(value: number, base: number, units: readonly string[]): string {
  if (!Number.isFinite(value)) return dash;
  let scaled = value;
  let index = 0;
  while (scaled >= base && index < units.length - 1) {
    scaled /= base;
    index += 1;
  }
  // 999.6 K rounds to 1,000 K, which is 1 M.
  if (Number(scaled.toPrecision(3)) >= base && index < units.length - 1) {
    scaled /= base;
    index += 1;
  }
  return `${trimmed(scaled >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3))}${units[index] ?? ''}`;
}

function trimmed(decimal: string): string {
  return decimal.includes('.') && !decimal.includes('e') ? decimal.replace(/\.?0+$/, '') : decimal;
}

function signedByMinus(decimal: string): string {
  if (!decimal.startsWith('-')) return decimal;
  return Number(decimal) === 0 ? decimal.slice(1) : minus + decimal.slice(1);
}
