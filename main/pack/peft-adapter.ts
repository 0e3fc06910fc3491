/**
 * PEFT's prompt tuning on disk: `adapter_config.json` and one tensor, `prompt_embeddings`. For T5 PEFT stores 2P rows unless
 * `num_transformer_submodules` says 1, and puts the first P of them in front of the encoder's input in both cases; the others are
 * never used (peft_model.py, tuners/prompt_tuning/model.py; test/golden).
 */
import { z } from 'zod';
import type { PackBase } from '../contract/prompt-pack.ts';
import { packLimits } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import { encodeSafetensors } from '../model/safetensors.ts';
import { parseStrictJson, quote } from '../model/strict-json.ts';
import { takeRows, type PromptTensor } from './prompt-tensor.ts';

export const adapterTensor = 'prompt_embeddings';

/** Keys that decide what the tensor means; PEFT writes more, and more with every version. */
const configSchema = z.object({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  num_virtual_tokens: z.int().min(1).max(packLimits.rows),
  num_transformer_submodules: z.int().nullish(),
  token_dim: z.int().nullish(),
  num_layers: z.int().nullish(),
  num_attention_heads: z.int().nullish(),
  base_model_name_or_path: z.string().nullish(),
  modules_to_save: z.unknown().optional(),
});
export type AdapterConfig = z.infer<typeof configSchema>;

/**
 * @param bytes adapter_config.json.
 * @throws {Problem} `peft-type`, `peft-task-type`, `peft-config`, `peft-extra-modules`, a `json-…` code
 */
export function parseAdapterConfig(bytes: Uint8Array, file: string): AdapterConfig {
  const json = parseStrictJson(bytes, { file });
  const kind = z.object({ peft_type: z.string() }).safeParse(json).data?.peft_type;
  // Asked first: what the other keys ought to be depends on it.
  if (kind !== undefined && kind !== 'PROMPT_TUNING') {
    throw refuse(file, 'peft-type', `peft_type ${quote(kind)}`, '"PROMPT_TUNING": rows in front of the encoder’s input', 'Only prompts can be imported; weights of another kind need the program that made them.');
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(file, 'peft-config', `an adapter_config.json whose “${issue?.path.join('.') ?? ''}” cannot be read (${issue?.message ?? ''})`, 'the configuration that PEFT writes for prompt tuning', 'Save the adapter again with PEFT.');
  }
  const config = parsed.data;
  if (config.task_type != null && config.task_type !== 'SEQ_2_SEQ_LM') {
    throw refuse(file, 'peft-task-type', `task_type ${quote(config.task_type)}`, '"SEQ_2_SEQ_LM", as for T5', 'This prompt belongs to a model of another kind.');
  }
  if (Array.isArray(config.modules_to_save) && config.modules_to_save.length > 0) {
    throw refuse(file, 'peft-extra-modules', `modules_to_save ${quote(JSON.stringify(config.modules_to_save))}`, 'none: a frozen model', 'An adapter that changes the model cannot be imported as a prompt.');
  }
  return config;
}

/**
 * @param stored the adapter's tensor, [P, d] or [2P, d].
 * @returns its first P rows.
 * @throws {Problem} `peft-rows`, `peft-width`, with both values
 */
export function takeAdapterPrompt(stored: PromptTensor, config: AdapterConfig, file: string): PromptTensor {
  const rows = config.num_virtual_tokens;
  const submodules = config.num_transformer_submodules ?? null;
  const layouts = submodules === null ? [rows, 2 * rows] : [rows * submodules];
  if (!layouts.includes(stored.rows) || (submodules !== null && submodules !== 1 && submodules !== 2)) {
    const written = submodules === null ? `${rows} virtual tokens` : `${rows} virtual tokens for ${submodules} submodules`;
    throw refuse(file, 'peft-rows', `a tensor of ${stored.rows} rows`, `${layouts.join(' or ')}, from ${written} in adapter_config.json`, 'Configuration and tensor belong to different adapters: save the adapter again.');
  }
  if (config.token_dim != null && config.token_dim !== stored.width) {
    throw refuse(file, 'peft-width', `a tensor of width ${stored.width}`, `token_dim ${config.token_dim}, as adapter_config.json says`, 'Configuration and tensor belong to different adapters: save the adapter again.');
  }
  return takeRows(stored, rows, file);
}

/** A prompt as PEFT opens it: one submodule, said outright, because PEFT's default for T5 expects twice the rows. */
export function encodeAdapter(prompt: PromptTensor, base: Pick<PackBase, 'name' | 'hubId' | 'layers' | 'heads'>): { config: Uint8Array; weights: Uint8Array } {
  const config = {
    auto_mapping: null,
    base_model_name_or_path: base.hubId ?? base.name,
    inference_mode: true,
    modules_to_save: null,
    num_attention_heads: base.heads,
    num_layers: base.layers,
    num_transformer_submodules: 1,
    num_virtual_tokens: prompt.rows,
    peft_type: 'PROMPT_TUNING',
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: null,
    revision: null,
    task_type: 'SEQ_2_SEQ_LM',
    token_dim: prompt.width,
    tokenizer_name_or_path: null,
  };
  return {
    config: Buffer.from(`${JSON.stringify(config, null, 2)}\n`),
    weights: encodeSafetensors([{ name: adapterTensor, shape: [prompt.rows, prompt.width], data: prompt.values }], { format: 'pt' }),
  };
}

function refuse(file: string, code: string, found: string, expected: string, action: string): Problem {
  return new Problem({ code, found, expected, action, place: { file } });
}
