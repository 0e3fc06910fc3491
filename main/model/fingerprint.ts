/** A model's identity: the function it computes, not how it is stored. */
import { createHash } from 'node:crypto';
import type { T5Config } from './config.ts';
import type { HubFolder } from './hub-folder.ts';
import { streamTensorBytes } from './tensor-data.ts';
import type { TensorEntry } from './tensor-entry.ts';

/**
 * Hashes all weights, streaming: a few MB of memory, about a second per GB.
 * Equal for one safetensors file, shards and a torch zip of the same numbers; different for another element type.
 * @returns 64 hexadecimal digits.
 * @throws {Problem} `tensor-cut` or a system error.
 */
export async function fingerprintModel(folder: HubFolder): Promise<string> {
  const digests = new Map<string, string>();
  for (const [name, entry] of folder.entries) {
    const hash = createHash('sha256');
    for await (const piece of streamTensorBytes(entry)) hash.update(piece);
    digests.set(name, hash.digest('hex'));
  }
  return combineFingerprint(folder.config, folder.entries, digests);
}

/**
 * @param digests sha256 of each tensor's stored bytes, by name.
 * @returns sha256 over one line of configuration and one line a tensor, in name order.
 */
export function combineFingerprint(config: T5Config, entries: ReadonlyMap<string, TensorEntry>, digests: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  hash.update(`souffleur-model-1 ${JSON.stringify(canonicalFacts(config))}\n`);
  for (const name of [...entries.keys()].sort()) {
    const entry = entries.get(name);
    hash.update(`${name} ${entry?.dtype} ${entry?.shape.join('x')} ${digests.get(name)}\n`);
  }
  return hash.digest('hex');
}

/** What changes the model's output. Left out: dropout (training alone) and the family's name. A list, so that the order is fixed. */
function canonicalFacts(config: T5Config): (number | string | boolean)[] {
  return [
    config.vocabularySize, config.width, config.keyWidth, config.heads, config.feedForwardWidth, config.encoderLayers, config.decoderLayers,
    config.relativeBuckets, config.relativeMaxDistance, config.normEpsilon, config.feedForward, config.tiedHead, config.scaleDecoderOutput,
    config.padId, config.eosId, config.decoderStartId,
  ];
}
