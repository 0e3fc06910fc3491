/** How much longer normalization may make a text: a tokenizer file can hold rules that double it again and again. */
import { TokenizerError } from './tokenizer-error.ts';

/** NFKC lengthens most: it makes 18 characters of U+FDFA, and 39 bytes of its 3 once spaces are visible. */
const mostGrowth = 20;
/** What is put in front of a text of any length. */
const allowance = 1000;

/** @returns the longest that a text of `length` may become, in the unit of `length` (UTF-16 units or bytes). */
export function normalizedLengthLimit(length: number): number {
  return length * mostGrowth + allowance;
}

/** @throws TokenizerError `tokenizer-normalizer-explodes` where a normalized text would be longer than its limit. */
export function requireNormalizedLength(length: number, limit: number): void {
  if (length <= limit) return;
  throw new TokenizerError({
    code: 'tokenizer-normalizer-explodes',
    found: `normalization rules that make a text more than ${mostGrowth} times as long`,
    expected: 'rules that clean a text',
    action: 'The file is damaged or no tokenizer of a T5; choose another.',
  });
}
