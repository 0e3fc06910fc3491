/** What sort of pair it is, read from its text: the papers' own division. Pure. */
import type { Pvp } from '../../../main/contract/pvp.ts';

export const pvpKinds = ['soft', 'hard', 'hybrid', 'unified'] as const;
export type PvpKind = (typeof pvpKinds)[number];

const tag = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/g;
const softSlot = /\{\{-?\s*soft\s*\(/;

/**
 * `soft`: nothing but slots and fields. `hard`: words and no soft slot. `hybrid`: both. `unified`: answers are the letters of choices
 * (Gu et al. 2022, §3.3).
 */
export function kindOf({ pattern: { template }, verbalizer }: Pick<Pvp, 'pattern' | 'verbalizer'>): PvpKind {
  const isSoft = softSlot.test(template);
  const answers = verbalizer?.labels.map(({ words: [first = ''] }) => first.trim()) ?? [];
  if (answers.length > 1 && answers.every((word, index) => word === String.fromCodePoint(65 + index))) return 'unified';
  const hasWords = /\p{L}/u.test(template.replaceAll(tag, ''));
  return isSoft ? (hasWords ? 'hybrid' : 'soft') : 'hard';
}
