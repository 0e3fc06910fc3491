/** A value as the cell of a table: texts as they are, numbers as their file writes them, lists and objects as JSON. */
import { isRawNumber } from '../../task/reading/exact-json.ts';

/** @returns null for null: a table has no way to say it. */
export function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return isRawNumber(value) ? value.rawJSON : writeValue(value) ?? '[nested too deeply to be shown]';
}

/** @returns null for lists or objects nested deeper than can be written: parsing takes any depth, writing needs stack. */
export function writeValue(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}
