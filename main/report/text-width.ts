/** How wide a text will be, without a browser: a safe estimate for the system's sans-serif faces. */

/** Bold words of 11 px are at most as wide as plain ones of this size. */
export const titleSize = 12.6;

/** Widths in em, a little above those of Segoe UI, San Francisco, Roboto and DejaVu's average. */
function characterWidth(character: string): number {
  if (/[il.,:;|'!]/.test(character)) return 0.32;
  if (/[fjrt()[\]/ -]/.test(character)) return 0.42;
  if (/[mwMW%@]/.test(character)) return 0.92;
  if (/[A-Z]/.test(character)) return 0.7;
  if (character.codePointAt(0)! >= 0x1100) return 1.05;
  return 0.6;
}

/** @returns pixels, for a font size in pixels. */
export function textWidth(text: string, fontSize: number): number {
  let em = 0;
  for (const character of text) em += characterWidth(character);
  return em * fontSize;
}

/** The text, or its beginning with “…” so that it is at most `width` pixels wide. */
export function fitText(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const room = width - textWidth('…', fontSize);
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += textWidth(character, fontSize);
    if (used > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
