/** What the backbone is taught besides reading on: small questions about a context, many to one context. */
import type { Random } from '../../world/index.ts';

/** Skills whose answer is one of a few classes: how many. */
export const classCounts = { check: 2, ask: 2, candidate: 2, praise: 2, side: 2, stars: 5, meaning: 2, cause: 2, link: 2, stance: 3, option: 4 } as const;
export type ClassSkill = keyof typeof classCounts;
/** Skills whose answer is a text. */
export type TextSkill = 'lookup' | 'fill' | 'gloss' | 'follow' | 'referent' | 'kind' | 'select';

/** One question about a context. */
export type Probe =
  | { readonly skill: ClassSkill; readonly text: string; readonly answer: number }
  | { readonly skill: TextSkill; readonly text: string; readonly answer: string };

/** A context and what may be asked about it. In the text of a `fill` probe `___` is the gap. */
export interface Lesson {
  readonly context: string;
  readonly probes: readonly Probe[];
}

/** @param level 0 (easiest) to 1: how full a context is. */
export type DrawLesson = (random: Random, level: number) => Lesson;
