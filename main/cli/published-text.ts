/** Numbers of papers for the terminal. */
import type { PublishedResult } from '../contract/api/published.ts';
import { countText, durationText } from './number-text.ts';
import { formatTable } from './table.ts';

/** `72.8 ± 3.1`, `*94.4 ± 0.3` for the best of its column, `lost` for what no source has. */
export function publishedValueText({ value, standardDeviation, unit, isBest }: Pick<PublishedResult, 'value' | 'standardDeviation' | 'unit' | 'isBest'>): string {
  if (value === null) return 'lost';
  const spread = standardDeviation === null ? '' : ` ± ${standardDeviation.toFixed(1)}`;
  const best = isBest ? '*' : '';
  switch (unit) {
    case 'percent': return `${best}${Number.isInteger(value * 10) || value >= 1 ? value.toFixed(1) : `${value}%`}${spread}`;
    case 'points': return `${value > 0 ? '+' : ''}${value.toFixed(1)}${spread}`;
    case 'count': return countText(value);
    case 'seconds': return durationText(value);
    default: return unit satisfies never;
  }
}

/** Beside one's own results, apart from them: other models, other data, other protocols. Empty where papers print nothing of it. */
export function describePublished(results: readonly PublishedResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map((result) => [result.task ?? '', result.metricAsPrinted, result.method, result.model, publishedValueText(result), result.table]);
  return `Published results, for comparison only (souffleur published show TABLE says how they were made)\n${formatTable([['task', 'metric', 'method', 'model', 'value', 'table'], ...rows])}`;
}
