/** A text cut into stretches, some of them marked. Pure. */
export type Tint = 'blue' | 'orange' | 'green' | 'grey';

export interface Mark {
  start: number;
  /** Exclusive. */
  end: number;
  tint: Tint;
}

export interface Stretch {
  text: string;
  /** Null where nothing marks it. */
  tint: Tint | null;
}

/** @param marks in order, not overlapping; what lies beyond the text is left out */
export function cutText(text: string, marks: readonly Mark[]): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  const add = (end: number, tint: Tint | null): void => {
    if (end > at) stretches.push({ text: text.slice(at, end), tint });
    at = Math.max(at, end);
  };
  for (const { start, end, tint } of marks) {
    add(Math.min(start, text.length), null);
    add(Math.min(end, text.length), tint);
  }
  add(text.length, null);
  return stretches;
}
