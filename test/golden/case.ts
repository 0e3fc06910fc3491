/** The format of a golden folder; README.md beside this file says what each key means. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const numbers = z.array(z.number());
const optimizerCase = z.object({ lr: z.number(), steps: z.number(), losses: numbers, prompt_after: numbers });

const caseSchema = z.object({
  config: z.object({ P: z.number(), S: z.number(), T: z.number(), d: z.number(), V: z.number() }),
  source_ids: z.array(numbers),
  source_mask: z.array(numbers),
  target_ids: z.array(numbers),
  prompt: numbers,
  with_prompt: z.object({ loss: z.number(), logits: numbers, d_prompt: numbers }),
  without_prompt: z.object({ loss: z.number(), logits: numbers, encoder_state_row0: numbers }),
  weight_gradients: z.record(z.string(), numbers),
  greedy_with_prompt: z.array(numbers),
  adafactor: optimizerCase.extend({ beta2_exponent: z.number(), weight_decay_per_step: z.number() }),
  adamw: optimizerCase.extend({ weight_decay: z.number(), betas: z.tuple([z.number(), z.number()]), eps: z.number() }),
  full_tuning: z.object({ lr: z.number(), steps: z.number(), losses: numbers, weight_after: z.record(z.string(), numbers) }),
});
export type GoldenCase = z.infer<typeof caseSchema>;

export async function readGoldenCase(folder: string): Promise<GoldenCase> {
  return caseSchema.parse(JSON.parse(await readFile(join(folder, 'case.json'), 'utf8')));
}

export async function readExpectedAdapter(folder: string): Promise<{ loss: number; logits: number[] }> {
  return z.object({ loss: z.number(), logits: numbers }).parse(JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')));
}
