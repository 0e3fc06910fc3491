/** A model folder opened for running: configuration, tokenizer, frozen weights that a backend can map. */
import type { FrozenWeights } from '../backend/backend.ts';
import { Problem } from '../contract/problem.ts';
import type { T5Config } from '../model/config.ts';
import { openHubFolder, type HubFolder } from '../model/hub-folder.ts';
import { prepareWeights } from '../model/prepare-weights.ts';
import { readTensorAsFloat32Sync } from '../model/tensor-data.ts';
import { loadTokenizerSync, type Tokenizer } from '../token/index.ts';

export interface ModelSource {
  readonly folder: HubFolder;
  readonly config: T5Config;
  readonly frozen: FrozenWeights;
  readonly fingerprint: string;
  /** A fresh copy of a weight's values. */
  readWeight(name: string): Float32Array;
  /** Row `id` of the embedding. */
  embeddingRow(id: number): Float32Array;
}

/** @throws {Problem} whatever the readers find, and `model-changed` when the weights are not those of `fingerprint`. */
export async function openModelSource(directory: string, options: { cacheDirectory: string; fingerprint: string | null }): Promise<ModelSource> {
  const folder = await openHubFolder(directory);
  const prepared = await prepareWeights(folder, options.cacheDirectory);
  if (options.fingerprint !== null && options.fingerprint !== prepared.fingerprint) {
    throw new Problem({
      code: 'model-changed',
      found: `weights with fingerprint ${prepared.fingerprint.slice(0, 16)}…`,
      expected: `${options.fingerprint.slice(0, 16)}…, as when the model was added`,
      action: 'Put the old weights back, or add the folder again under another name.',
      place: { file: directory },
    });
  }
  const readWeight = (name: string): Float32Array => {
    const entry = folder.entries.get(name);
    if (entry === undefined) throw new Error(`no weight ${name}`);
    return readTensorAsFloat32Sync(entry);
  };
  let embedding: Float32Array | null = null;
  const width = folder.config.width;
  return {
    folder,
    config: folder.config,
    frozen: prepared,
    fingerprint: prepared.fingerprint,
    readWeight,
    embeddingRow(id) {
      embedding ??= readWeight('shared.weight');
      return embedding.slice(id * width, (id + 1) * width);
    },
  };
}

/** @throws {Problem} `model-without-tokenizer`, `tokenizer-of-another-model`, TokenizerError. */
export function loadModelTokenizer({ folder, config }: ModelSource): Tokenizer {
  if (folder.tokenizerFile !== null) {
    const tokenizer = loadTokenizerSync(folder.tokenizerFile);
    if (tokenizer.vocabularySize <= config.vocabularySize) return tokenizer;
    throw new Problem({
      code: 'tokenizer-of-another-model',
      found: `a tokenizer with ${tokenizer.vocabularySize} pieces`,
      expected: `at most ${config.vocabularySize}, the rows of this model’s embedding`,
      action: 'Put the model’s own tokenizer into the folder.',
      place: { file: folder.tokenizerFile },
    });
  }
  throw new Problem({
    code: 'model-without-tokenizer',
    found: 'neither tokenizer.json nor spiece.model',
    expected: 'the model’s tokenizer in its folder',
    action: 'Copy tokenizer.json or spiece.model into the folder.',
    place: { file: folder.directory },
  });
}
