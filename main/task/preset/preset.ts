/** What a preset is: a published pattern-verbalizer pair and the formats that it fits. */
import type { Pvp, Verbalizer } from '../../contract/pvp.ts';

export interface Preset {
  /** Ids of task formats. */
  formats: readonly string[];
  pvp: Pvp;
}

export interface PresetParts {
  id: string;
  title: string;
  template: string;
  /** Label → words; null keeps the format's own labels. */
  words: Readonly<Record<string, string | readonly string[]>> | null;
  answerNote: string | null;
  provenance: string;
}

export const gu = 'Gu, Han, Liu, Huang 2022 (PPT), data_utils/downstream';
export const guAblation = 'Gu, Han, Liu, Huang 2022 (PPT), revision e5c2a44';
/** PPT's models are T5 1.1 as pre-trained. */
export const sentinelNote = 'Made for span corruption: the slot becomes <extra_id_0> and the answer follows that sentinel. An LM-adapted model reads the text without it.';

/** @returns presets of these formats, in the order given. */
export function presetsFor(formats: readonly string[], all: readonly PresetParts[]): Preset[] {
  return all.map(({ template, words, ...rest }) => ({ formats, pvp: { ...rest, pattern: { template }, verbalizer: words === null ? null : verbalizerOf(words) } }));
}

/** The prompt of 100 rows in front, as in PPT; a run may have another length only with another pattern. */
export function withPrompt(template: string): string {
  return `{{ soft(100) }} ${template}`;
}

function verbalizerOf(words: Readonly<Record<string, string | readonly string[]>>): Verbalizer {
  return { labels: Object.entries(words).map(([label, word]) => ({ label, words: typeof word === 'string' ? [word] : [...word] })) };
}
