/** Numbers, times and sizes as people read them, in the chosen language. */
import { preferences } from '../state/preferences.svelte.ts';

const absent = '–';

export function countText(count: number): string {
  return new Intl.NumberFormat(preferences.locale, { maximumFractionDigits: 0 }).format(count);
}

/** A share from 0 to 1 in points of 100, one decimal. */
export function percentText(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return absent;
  return new Intl.NumberFormat(preferences.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share * 100);
}

/** `80.7 ± 1.5` */
export function spreadText(mean: number | null | undefined, deviation: number | null | undefined): string {
  if (deviation === null || deviation === undefined) return percentText(mean);
  return `${percentText(mean)} ± ${percentText(deviation)}`;
}

export function decimalText(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return absent;
  return new Intl.NumberFormat(preferences.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Three significant digits, with an exponent where the plain form would be long: 3.05, 0.0012, 1.2e-7. */
export function shortText(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return absent;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(1);
  return new Intl.NumberFormat(preferences.locale, { maximumSignificantDigits: 3 }).format(value);
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return absent;
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(preferences.locale, { style: 'unit', unit: units[power] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 }).format(value);
}

/** `00:03:12`; hours may go beyond two digits. */
export function durationText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return absent;
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A rate with its unit, `3.1 steps/s`: the unit is a text of the catalogue. */
export function rateText(perSecond: number | null | undefined, unit: string): string {
  return perSecond === null || perSecond === undefined ? '' : `${shortText(perSecond)} ${unit}`;
}

export function dateText(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return absent;
  return new Intl.DateTimeFormat(preferences.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

const steps = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const;

/** `3 minutes ago`; the exact time belongs in a title beside it. */
export function agoText(iso: string, nowMs: number): string {
  const seconds = (nowMs - new Date(iso).getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(preferences.locale, { numeric: 'auto' });
  for (const [unit, length] of steps) if (seconds >= length) return format.format(-Math.floor(seconds / length), unit);
  return format.format(0, 'minute');
}
