/** What each way to adapt the compared runs' model would train and keep for a task. */
import { z } from 'zod';
import type { ParameterCount } from '../contract/comparison.ts';
import { compareParameterCounts, type CountSettings, type ModelSizes } from '../method/parameter-count.ts';
import type { JsonObject } from '../store/json-column.ts';

const size = z.int().min(1);
/** By their names in a model's checked configuration. */
const sizesSchema: z.ZodType<ModelSizes> = z.object({
  width: size,
  keyWidth: size,
  heads: size,
  feedForwardWidth: size,
  feedForward: z.enum(['relu', 'gated-gelu']),
  encoderLayers: size,
  decoderLayers: size,
  vocabularySize: size,
  relativeBuckets: size,
  tiedHead: z.boolean(),
});

/** @returns null where the configuration lacks a size (a workspace of another version). */
export function countParameters(config: JsonObject, settings: Partial<CountSettings>): ParameterCount[] | null {
  const sizes = sizesSchema.safeParse(config);
  if (!sizes.success) return null;
  return compareParameterCounts(sizes.data, settings).map(({ method, title, trained, share, storedBytes, source }) => ({
    method, title, trainableParameters: trained, share, storageBytesPerTask: storedBytes, source,
  }));
}
