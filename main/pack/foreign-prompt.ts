/**
 * Prompts as other programs keep them: PEFT adapters (safetensors or torch), google-research/prompt-tuning (NumPy, often without an
 * extension), PPT and OpenPrompt (torch state dicts), and our own trained files. No code in them is run.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { PackOrigin } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import { readArrayFile } from '../model/array-file.ts';
import { readSafetensorsHeader } from '../model/safetensors.ts';
import { quote } from '../model/strict-json.ts';
import { readTensorAsFloat32Sync } from '../model/tensor-data.ts';
import { shapeText, type TensorEntry } from '../model/tensor-entry.ts';
import { readTorchZip } from '../model/torch-zip.ts';
import { readFile } from './folder-files.ts';
import { adapterTensor, parseAdapterConfig, takeAdapterPrompt, type AdapterConfig } from './peft-adapter.ts';
import { checkPrompt, requirePromptShape, takeRows, type PromptTensor } from './prompt-tensor.ts';

export interface ForeignPrompt {
  readonly origin: Exclude<PackOrigin, 'pack' | 'pack-folder'>;
  readonly prompt: PromptTensor;
  /** What the file says of the model that it belongs to; null where it says nothing. */
  readonly base: { readonly name: string | null; readonly layers: number | null; readonly heads: number | null };
  /** What was let be and may matter. */
  readonly remarks: readonly string[];
}

const noBase = { name: null, layers: null, heads: null };

/** What the prompt is called, by program; `*.` stands for whatever a wrapper puts in front. */
const promptNames = [
  'prompt', // ours
  'encoder.prompt_embeds.weight', 'prompt_embeds.weight', // PPT
  'template.soft_embeds', 'soft_embeds', // OpenPrompt
  'prompt.prompt.prompt', // prompt-tuning
];

/** @throws {Problem} `peft-weights-missing`, as readAdapterFile */
export function readAdapterFolder(folder: string): Promise<ForeignPrompt> {
  const weights = ['adapter_model.safetensors', 'adapter_model.bin'].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (weights !== undefined) return readAdapterFile(weights);
  throw new Problem({
    code: 'peft-weights-missing', found: 'adapter_config.json without adapter_model.safetensors or adapter_model.bin', expected: 'one of them beside it',
    action: 'Copy the whole folder that PEFT wrote.', place: { file: folder },
  });
}

/**
 * The weights of a PEFT adapter; its configuration lies beside them.
 * @throws {Problem} `peft-config-missing`, `prompt-tensors`, and those of the configuration and the readers
 */
async function readAdapterFile(file: string): Promise<ForeignPrompt> {
  const folder = dirname(file);
  if (!existsSync(join(folder, 'adapter_config.json'))) {
    throw new Problem({
      code: 'peft-config-missing', found: `${quote(basename(file))} without adapter_config.json beside it`, expected: 'both: only the configuration says how many of the rows are used',
      action: 'Put the adapter’s adapter_config.json beside it, and name the folder.', place: { file },
    });
  }
  const config = parseAdapterConfig(await readFile(folder, 'adapter_config.json'), join(folder, 'adapter_config.json'));
  const entries = file.endsWith('.bin') ? await readTorchZip(file) : (await readSafetensorsHeader(file)).entries;
  const [entry, ...others] = entries;
  if (entry?.name !== adapterTensor || others.length > 0) throw wrongTensors(file, entries, `exactly one tensor, "${adapterTensor}"`);
  const stored = readEntry(entry);
  const prompt = takeAdapterPrompt(stored, config, file);
  const remarks = stored.rows === prompt.rows ? [] : [`Of ${stored.rows} stored rows the first ${prompt.rows} are used; PEFT itself never uses the others with T5.`];
  return { origin: 'peft', prompt, base: baseOf(config), remarks };
}

function baseOf(config: AdapterConfig): ForeignPrompt['base'] {
  const name = config.base_model_name_or_path ?? '';
  return { name: name === '' ? null : name.slice(0, 200), layers: positive(config.num_layers), heads: positive(config.num_attention_heads) };
}

function positive(value: number | null | undefined): number | null {
  return value != null && value >= 1 && value <= 10_000 ? value : null;
}

/** @throws {Problem} `array-…`, `prompt-shape` */
export async function readNumpyPrompt(path: string): Promise<ForeignPrompt> {
  const file = resolve(path);
  const { shape, data } = await readArrayFile(file);
  const stored = checkPrompt({ shape, values: data }, { file, name: 'the array' });
  return { origin: 'numpy', prompt: takeRows(stored, stored.rows, file), base: noBase, remarks: [] };
}

/** @throws {Problem} `prompt-tensors`, and those of the reader */
export async function readTorchPrompt(path: string): Promise<ForeignPrompt> {
  const file = resolve(path);
  return readNamedPrompt(file, await readTorchZip(file), 'torch');
}

/** @throws {Problem} `prompt-tensors`, and those of the reader */
export async function readSafetensorsPrompt(path: string): Promise<ForeignPrompt> {
  const file = resolve(path);
  return readNamedPrompt(file, (await readSafetensorsHeader(file)).entries, 'safetensors');
}

function readNamedPrompt(file: string, entries: readonly TensorEntry[], origin: 'torch' | 'safetensors'): ForeignPrompt | Promise<ForeignPrompt> {
  if (entries.length === 1 && entries[0]?.name === adapterTensor) return readAdapterFile(file);
  // The most telling name first; a whole model beside it is left alone.
  const entry = promptNames.flatMap((name) => entries.filter((candidate) => candidate.name === name || candidate.name.endsWith(`.${name}`)));
  const [chosen, second] = entry.length === 0 && entries.length === 1 ? entries : entry;
  if (chosen === undefined || (second !== undefined && second.name !== chosen.name)) throw wrongTensors(file, entries, `one tensor by one of the names ${promptNames.join(', ')}, or a single tensor`);
  const stored = readEntry(chosen);
  const remarks = entries.length === 1 ? [] : [`Of ${entries.length} tensors only ${chosen.name} was read.`];
  return { origin, prompt: takeRows(stored, stored.rows, file), base: noBase, remarks };
}

function readEntry(entry: TensorEntry): PromptTensor {
  requirePromptShape(entry.shape, entry);
  return checkPrompt({ shape: entry.shape, values: readTensorAsFloat32Sync(entry) }, entry);
}

function wrongTensors(file: string, entries: readonly TensorEntry[], expected: string): Problem {
  const shown = entries.slice(0, 5).map(({ name, dtype, shape }) => `${quote(name)} ${shapeText(dtype, shape)}`).join(', ');
  return new Problem({
    code: 'prompt-tensors',
    found: entries.length === 0 ? 'no tensor' : `${shown}${entries.length > 5 ? ` and ${entries.length - 5} more` : ''}`,
    expected,
    action: 'Save the prompt alone, for example with numpy.save.',
    place: { file },
  });
}
