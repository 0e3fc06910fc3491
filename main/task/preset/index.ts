/** Published pattern-verbalizer pairs: one file a family, one line here. */
import type { Pvp } from '../../contract/pvp.ts';
import { boolqPresets } from './boolq.ts';
import { chinesePresets } from './chinese.ts';
import { inferencePresets } from './inference.ts';
import type { Preset } from './preset.ts';
import { racePresets } from './race.ts';
import { sstPresets } from './sst.ts';
import { t5Presets } from './t5.ts';

/** An id is unique among the presets of a format. */
export const presets: readonly Preset[] = [...t5Presets, ...sstPresets, ...boolqPresets, ...inferencePresets, ...racePresets, ...chinesePresets];

/** The presets of a format; T5's own form is always there, first. */
export function presetsOf(format: string): Pvp[] {
  return presets.filter(({ formats }) => formats.includes(format)).map(({ pvp }) => pvp);
}
