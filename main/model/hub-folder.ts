/** A Hugging Face hub folder on disk as a checked T5: configuration and a place for every weight. Nothing is loaded. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import { parseT5Config } from './config.ts';
import type { T5Config } from './config.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { readShardedWeights } from './sharded.ts';
import { quote, readStrictJsonFile } from './strict-json.ts';
import { requireFloat, streamTensorBytes } from './tensor-data.ts';
import { countElements, shapeText } from './tensor-entry.ts';
import type { TensorEntry } from './tensor-entry.ts';
import { expectedTensors, superfluousTensors } from './tensor-names.ts';
import type { ExpectedTensor } from './tensor-names.ts';
import { readTorchZip } from './torch-zip.ts';

type WeightKind = 'safetensors' | 'safetensors-sharded' | 'torch-zip' | 'torch-zip-sharded';

export interface HubFolder {
  /** Absolute. */
  directory: string;
  /** With `tiedHead` settled by the weights. */
  config: T5Config;
  /** Exactly the tensors of `expectedTensors(config)`, under those names. */
  entries: ReadonlyMap<string, TensorEntry>;
  weightKind: WeightKind;
  /** Absolute paths in name order. */
  weightFiles: readonly string[];
  /** Absolute path of tokenizer.json, else of spiece.model, or null. tokenizer.json comes first: it also holds the added tokens. */
  tokenizerFile: string | null;
  /** Of distinct weights: a tied head counts once. */
  parameterCount: number;
}

interface Weights {
  kind: WeightKind;
  entries: TensorEntry[];
  files: string[];
}

/**
 * Opens a folder and checks that it is a whole T5: right architecture, every tensor there, every shape as config.json says.
 * @throws {Problem} `model-no-config`, `model-no-weights`, `weights-tensor-missing`, `weights-tensor-unexpected`, `weights-tensor-shape`,
 *   `tensor-not-float`, and the codes of the readers of config.json, safetensors, torch zips and indexes.
 */
export async function openHubFolder(path: string): Promise<HubFolder> {
  const directory = resolve(path);
  const names = new Set(await listNames(directory));
  if (!names.has('config.json')) {
    throw new Problem({
      code: 'model-no-config',
      found: `no config.json among ${names.size === 0 ? 'no files' : listing([...names].sort())}`,
      expected: 'a Hugging Face model folder: config.json, weights, tokenizer',
      action: 'Name the folder that holds config.json, or download the whole model.',
      place: { file: directory },
    });
  }
  const configFile = join(directory, 'config.json');
  const claimed = parseT5Config(await readStrictJsonFile(configFile), { file: configFile });
  const weights = await findWeights(directory, names);
  const byName = new Map(weights.entries.map((entry) => [entry.name, entry]));
  nameEmbedding(byName);
  const config = { ...claimed, tiedHead: await settleTiedHead(claimed, byName) };
  const entries = selectTensors(config, byName, { configFile, directory });
  const tokenizer = ['tokenizer.json', 'spiece.model'].find((name) => names.has(name));
  return {
    directory,
    config,
    entries,
    weightKind: weights.kind,
    weightFiles: weights.files,
    tokenizerFile: tokenizer === undefined ? null : join(directory, tokenizer),
    parameterCount: [...entries.values()].reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
  };
}

async function listNames(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

const readSafetensors = async (file: string): Promise<TensorEntry[]> => (await readSafetensorsHeader(file)).entries;

/** safetensors first: it holds the same numbers and cannot hold code. */
async function findWeights(directory: string, names: ReadonlySet<string>): Promise<Weights> {
  const single = (name: string) => [join(directory, name)];
  if (names.has('model.safetensors')) {
    return { kind: 'safetensors', entries: await readSafetensors(join(directory, 'model.safetensors')), files: single('model.safetensors') };
  }
  if (names.has('model.safetensors.index.json')) {
    return { kind: 'safetensors-sharded', ...await readShardedWeights(directory, 'model.safetensors.index.json', readSafetensors) };
  }
  if (names.has('pytorch_model.bin')) {
    return { kind: 'torch-zip', entries: await readTorchZip(join(directory, 'pytorch_model.bin')), files: single('pytorch_model.bin') };
  }
  if (names.has('pytorch_model.bin.index.json')) {
    return { kind: 'torch-zip-sharded', ...await readShardedWeights(directory, 'pytorch_model.bin.index.json', readTorchZip) };
  }
  const others = [...names].filter((name) => /\.(h5|msgpack|ckpt|onnx|gguf|bin|pt|pth|safetensors)$|\.index$/.test(name)).sort();
  throw new Problem({
    code: 'model-no-weights',
    found: others.length === 0 ? 'no weights' : `weights in a form that is not read: ${listing(others)}`,
    expected: 'model.safetensors or pytorch_model.bin, whole or in shards with their index',
    action: 'Download model.safetensors of the same model into the folder.',
    place: { file: directory },
  });
}

/** Where only a copy of the embedding was saved, it is the embedding. */
function nameEmbedding(byName: Map<string, TensorEntry>): void {
  if (byName.has('shared.weight')) return;
  const copy = byName.get('encoder.embed_tokens.weight') ?? byName.get('decoder.embed_tokens.weight');
  if (copy !== undefined) byName.set('shared.weight', { ...copy, name: 'shared.weight' });
}

/**
 * The weights decide: without `lm_head.weight` a head that may be tied is tied; with one that differs from the embedding it is not.
 * config.json cannot decide alone: transformers 5 writes `tie_word_embeddings: true` also for checkpoints with a head of their own,
 * and torch.save writes a tied head a second time.
 */
async function settleTiedHead(claimed: T5Config, byName: ReadonlyMap<string, TensorEntry>): Promise<boolean> {
  const head = byName.get('lm_head.weight');
  const embedding = byName.get('shared.weight');
  if (!claimed.tiedHead || head === undefined || embedding === undefined) return claimed.tiedHead;
  if (head.file === embedding.file && head.byteOffset === embedding.byteOffset && head.byteLength === embedding.byteLength) return true;
  return haveEqualBytes(head, embedding);
}

/** Ends at the first piece that differs, so a head of its own costs one piece. */
async function haveEqualBytes(a: TensorEntry, b: TensorEntry): Promise<boolean> {
  if (a.dtype !== b.dtype || a.byteLength !== b.byteLength) return false;
  const others = streamTensorBytes(b);
  try {
    for await (const piece of streamTensorBytes(a)) {
      const other = (await others.next()).value as Uint8Array | undefined;
      if (other === undefined || Buffer.compare(piece, other) !== 0) return false;
    }
    return true;
  } finally {
    await others.return(undefined);
  }
}

interface Origin {
  configFile: string;
  directory: string;
}

function selectTensors(config: T5Config, byName: ReadonlyMap<string, TensorEntry>, origin: Origin): Map<string, TensorEntry> {
  const expected = expectedTensors(config);
  const selected = new Map<string, TensorEntry>();
  for (const wanted of expected) {
    const entry = byName.get(wanted.name);
    if (entry === undefined) continue;
    checkShape(wanted, entry, origin);
    requireFloat(entry);
    selected.set(wanted.name, entry);
  }
  const missing = expected.filter(({ name }) => !selected.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Problem({
      code: 'weights-tensor-missing',
      found: `${missing.length} of ${expected.length} tensors missing: ${listing(missing)}`,
      expected: 'every weight that config.json describes',
      action: 'Check that config.json and the weights belong to the same model; download both again.',
      place: { file: origin.directory },
    });
  }
  const tolerated = new Set(config.tiedHead ? [...superfluousTensors, 'lm_head.weight'] : superfluousTensors);
  const unexpected = [...byName.keys()].filter((name) => !selected.has(name) && !tolerated.has(name));
  if (unexpected.length > 0) {
    throw new Problem({
      code: 'weights-tensor-unexpected',
      found: `${unexpected.length} tensors that this T5 has no place for: ${listing(unexpected)}`,
      expected: `${config.encoderLayers} encoder and ${config.decoderLayers} decoder layers with a ${config.feedForward} feed-forward, nothing else`,
      action: 'Check that config.json and the weights belong to the same model; leaving weights out would compute something else.',
      place: { file: origin.directory },
    });
  }
  return selected;
}

function checkShape(wanted: ExpectedTensor, entry: TensorEntry, { configFile }: Origin): void {
  const same = entry.shape.length === wanted.shape.length && entry.shape.every((side, axis) => side === wanted.shape[axis]);
  if (same) return;
  throw new Problem({
    code: 'weights-tensor-shape',
    found: `${wanted.name} ${shapeText(entry.dtype, entry.shape)}`,
    expected: `${shapeText(null, wanted.shape)} ([${wanted.fields.join(', ')}] in ${configFile})`,
    action: 'Check that config.json and the weights belong to the same model.',
    place: { file: entry.file, byteOffset: entry.byteOffset },
  });
}

function listing(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => (/^[\w.-]{1,120}$/.test(name) ? name : quote(name))).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
