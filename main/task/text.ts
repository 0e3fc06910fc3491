/** T5's text form of an example: `key: value key: value`, one space between, the values untouched. */

/**
 * The fields in the order given, as T5's `glue` preprocessor joins them (t5/data/preprocessors.py), without the benchmark name.
 */
export function joinFields(parts: readonly (readonly [key: string, value: string])[]): string {
  return parts.map(([key, value]) => `${key}: ${value}`).join(' ');
}

/** Texts by code point, as Python sorts; JavaScript's own order differs above U+FFFF. */
export function compareByCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}
