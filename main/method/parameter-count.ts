/**
 * How many parameters each method trains and keeps for a task, by formula alone: no model is loaded. Covers methods that Souffleur only
 * compares with (prefix tuning, WARP).
 * Legend: d model width, i = heads × key width, L layers of a stack, P prompt or prefix positions, m reparametrisation width, C classes,
 * K input slots of WARP.
 */
import type { T5Config } from '../model/config.ts';
import { expectedTensors } from '../model/tensor-names.ts';

/** What the formulas read of a model. */
export type ModelSizes = Pick<
  T5Config,
  'width' | 'keyWidth' | 'heads' | 'feedForwardWidth' | 'feedForward' | 'encoderLayers' | 'decoderLayers' | 'vocabularySize' | 'relativeBuckets' | 'tiedHead'
>;

export interface CountedMethod {
  /** kebab-case. */
  readonly method: string;
  readonly title: string;
  /** Parameters that get gradients. */
  readonly trained: number;
  /** Parameters kept for a task afterwards. */
  readonly stored: number;
  /** Bytes kept for a task: float32, or the text of a designed prompt. */
  readonly storedBytes: number;
  /** `stored` over the model's parameters. */
  readonly share: number;
  /** Where the formula comes from. */
  readonly source: string;
}

export interface CountSettings {
  /** Positions of a soft prompt or of a prefix. */
  readonly promptLength: number;
  /** Classes of the task; WARP keeps a vector for each. */
  readonly classes: number;
  /** Input slots of WARP. Its largest configuration has about 20. */
  readonly warpSlots: number;
  /** Width of prefix tuning's reparametrisation. */
  readonly prefixWidth: number;
  /** UTF-8 bytes of a prompt written by hand. */
  readonly designBytes: number;
}

/** Lester et al. 2021: 100 rows; Li & Liang 2021: 512; Hambardzumyan et al. 2021: 20 slots, here with the three classes of NLI. */
export const defaultCountSettings: CountSettings = { promptLength: 100, classes: 3, warpSlots: 20, prefixWidth: 512, designBytes: 0 };

const bytesPerParameter = 4;

/** Every weight of the model once: tied heads, and copies that some files hold, do not count twice. */
export function countModelParameters(sizes: ModelSizes): number {
  return expectedTensors(sizes as T5Config).reduce((total, { shape }) => total + shape.reduce((product, side) => product * side, 1), 0);
}

/**
 * The deck's comparison, from most to least.
 * @returns one row a method; prefix tuning stands twice, with and without the network that computes the prefix while training.
 */
export function compareParameterCounts(sizes: ModelSizes, settings: Partial<CountSettings> = {}): readonly CountedMethod[] {
  const chosen = { ...defaultCountSettings, ...settings };
  const model = countModelParameters(sizes);
  const prefix = prefixVectors(sizes, chosen.promptLength);
  const rows: readonly (Omit<CountedMethod, 'share' | 'storedBytes'> & { storedBytes?: number })[] = [
    {
      method: 'full-tuning', title: 'Model tuning', trained: model, stored: model,
      source: 'every weight (Raffel et al. 2020)',
    },
    {
      method: 'prefix-tuning-reparametrised', title: 'Prefix tuning, reparametrised', trained: prefixNetwork(sizes, chosen), stored: prefix,
      source: 'Li & Liang 2021: P·d + (d·m + m) + (m·2L·i + 2L·i) for each of three sets while training; 2L·i·P a set afterwards',
    },
    {
      method: 'prefix-tuning', title: 'Prefix tuning', trained: prefix, stored: prefix,
      source: 'Li & Liang 2021: keys and values of every layer, 2L·i·P for encoder self-, decoder self- and cross-attention',
    },
    {
      method: 'prompt-tuning', title: 'Prompt tuning', trained: chosen.promptLength * sizes.width, stored: chosen.promptLength * sizes.width,
      source: 'Lester et al. 2021: P·d',
    },
    {
      method: 'warp', title: 'WARP', trained: (chosen.warpSlots + chosen.classes) * sizes.width, stored: (chosen.warpSlots + chosen.classes) * sizes.width,
      source: 'Hambardzumyan et al. 2021: (K + C)·d',
    },
    { method: 'prompt-design', title: 'Prompt design', trained: 0, stored: 0, storedBytes: chosen.designBytes, source: 'text only (Brown et al. 2020)' },
  ];
  return rows.map((row) => ({ ...row, storedBytes: row.storedBytes ?? row.stored * bytesPerParameter, share: row.stored / model }));
}

/** Layers of the three sets of a prefix. */
function prefixSets({ encoderLayers, decoderLayers }: ModelSizes): readonly number[] {
  return [encoderLayers, decoderLayers, decoderLayers];
}

/** Keys and values themselves. */
function prefixVectors(sizes: ModelSizes, length: number): number {
  return prefixSets(sizes).reduce((total, layers) => total + 2 * layers * sizes.heads * sizes.keyWidth * length, 0);
}

/** An index embedding and two linear layers a set, as in the authors' code; only what they compute is kept. */
function prefixNetwork(sizes: ModelSizes, { promptLength, prefixWidth }: CountSettings): number {
  return prefixSets(sizes).reduce((total, layers) => {
    const outputs = 2 * layers * sizes.heads * sizes.keyWidth;
    return total + promptLength * sizes.width + (sizes.width * prefixWidth + prefixWidth) + (prefixWidth * outputs + outputs);
  }, 0);
}
