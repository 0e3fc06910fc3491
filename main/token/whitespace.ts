/**
 * Unicode's White_Space, which is what Rust's `char::is_whitespace` and therefore tokenizers mean. JavaScript's `\s` differs:
 * it has U+FEFF and lacks U+0085.
 */
export function isWhitespace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return (
    unit === 0x85 || unit === 0xa0 || unit === 0x1680 || (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000
  );
}

/** The visible space that begins a word's first piece, U+2581. */
export const visibleSpace = '\u2581';
