/** Weights in several files with an index: `{"weight_map": {<tensor>: <file>}}`, the form of `save_pretrained` in transformers. */
import { join } from 'node:path';
import { Problem } from '../contract/problem.ts';
import { isJsonObject, quote, readStrictJsonFile } from './strict-json.ts';
import type { TensorEntry } from './tensor-entry.ts';

const shardLimit = 1000;
const tensorLimit = 100_000;

export interface ShardedWeights {
  /** The tensors that the index lists; a shard's other tensors are left out. */
  entries: TensorEntry[];
  /** Absolute paths in name order. */
  files: string[];
}

/**
 * Reads an index and lists the tensors of its shards.
 * @param readShard the reader of one shard.
 * @throws {Problem} `weights-index-form`, `weights-shard-name`, `weights-shard-missing`, `weights-shard-wrong`, `weights-shard-lacks-tensor`,
 *   a `json-…` code, or what `readShard` throws.
 */
export async function readShardedWeights(
  directory: string,
  indexName: string,
  readShard: (file: string) => Promise<TensorEntry[]>,
): Promise<ShardedWeights> {
  const index = join(directory, indexName);
  const shardOf = readWeightMap(await readStrictJsonFile(index), index);
  const shards = [...new Set(shardOf.values())].sort();
  if (shards.length > shardLimit) throw refuse(index, 'weights-index-form', `${shards.length} shards`, `at most ${shardLimit}`);
  const byShard = new Map<string, Map<string, TensorEntry>>();
  let tensors = 0;
  for (const shard of shards) {
    const list = await readOneShard(join(directory, shard), index, readShard);
    tensors += list.length;
    if (tensors > tensorLimit) throw refuse(index, 'weights-index-form', `more than ${tensorLimit} tensors`, 'a T5');
    byShard.set(shard, new Map(list.map((entry) => [entry.name, entry])));
  }
  const entries: TensorEntry[] = [];
  for (const [name, shard] of shardOf) {
    const entry = byShard.get(shard)?.get(name);
    if (entry === undefined) throw misplaced(index, name, shard, shards.find((other) => byShard.get(other)?.has(name)));
    entries.push(entry);
  }
  return { entries, files: shards.map((shard) => join(directory, shard)) };
}

function readWeightMap(json: unknown, index: string): Map<string, string> {
  const weightMap = isJsonObject(json) ? json['weight_map'] : undefined;
  if (!isJsonObject(weightMap)) throw refuse(index, 'weights-index-form', 'no object weight_map', '{"weight_map": {tensor: file}}');
  const shardOf = new Map<string, string>();
  for (const [name, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string') throw refuse(index, 'weights-index-form', `no file name for ${quote(name)}`, 'a text');
    // A plain file name: an index must not reach outside its folder.
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(shard)) {
      throw refuse(index, 'weights-shard-name', `the shard name ${quote(shard)}`, 'the name of a file beside the index');
    }
    shardOf.set(name, shard);
  }
  if (shardOf.size === 0) throw refuse(index, 'weights-index-form', 'an empty weight_map', 'the tensors with their files');
  return shardOf;
}

async function readOneShard(file: string, index: string, readShard: (file: string) => Promise<TensorEntry[]>): Promise<TensorEntry[]> {
  try {
    return await readShard(file);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'system-enoent') throw thrown;
    throw new Problem({
      code: 'weights-shard-missing',
      found: 'no such file, although the index names it',
      expected: `every shard that ${index} names`,
      action: 'Download the missing file into the same folder.',
      place: { file },
      cause: thrown,
    });
  }
}

function misplaced(index: string, name: string, shard: string, elsewhere: string | undefined): Problem {
  return elsewhere === undefined
    ? refuse(index, 'weights-shard-lacks-tensor', `no tensor ${quote(name)} in ${shard}`, 'every tensor that the index lists')
    : refuse(index, 'weights-shard-wrong', `${quote(name)} listed for ${shard} but stored in ${elsewhere}`, 'an index that agrees with its shards');
}

function refuse(file: string, code: string, found: string, expected: string): Problem {
  return new Problem({ code, found, expected, action: 'Download the index and all shards again, from one revision.', place: { file } });
}
