import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { forwardOutputs } from '../../main/model/t5-program.ts';
import { loadModelTokenizer, openModelSource } from '../../main/train/model-source.ts';
import { relativeError } from './compare.ts';

const numbers = z.array(z.number());
const expectedSchema = z.object({
  stages: z.record(z.enum(['lm-adapted', 'span-corruption']), z.array(z.object({ text: z.string(), ids: numbers, decoderIds: numbers, decoded: z.string(), logits: numbers }))),
});
const { stages } = expectedSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'backbone/expected.json'), 'utf8')));

describe.each(Object.entries(stages))('the built-in backbone, %s', (stage, cases) => {
  it('gives transformers’ ids and logits', async () => {
    const cacheDirectory = mkdtempSync(join(tmpdir(), 'souffleur-backbone-'));
    const source = await openModelSource(join(import.meta.dirname, '../../assets/backbone', stage), { cacheDirectory, fingerprint: null });
    const tokenizer = loadModelTokenizer(source);
    const backend = createOnnxBackend({ provider: 'cpu', threads: 1 });
    for (const { text, ids, decoderIds, decoded, logits } of cases) {
      expect([...tokenizer.encode(text), tokenizer.eosId]).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
      const shape = { batch: 1, source: ids.length, target: decoderIds.length };
      const layout = { config: source.config, promptRows: 0, prompts: 1, trainables: [], trainedWeights: new Set<string>() };
      const program = await backend.compile({ name: stage, outputs: forwardOutputs(layout, shape), frozen: source.frozen });
      const outputs = await program.run({
        sourceIds: BigInt64Array.from(ids, BigInt), sourceMask: new Float32Array(ids.length).fill(1), decoderIds: BigInt64Array.from(decoderIds, BigInt),
        targetIds: new BigInt64Array(decoderIds.length), targetWeights: new Float32Array(decoderIds.length),
      });
      await program.close();
      const all = outputs['logits']?.data as Float32Array;
      expect(relativeError(all.subarray(all.length - source.config.vocabularySize), logits)).toBeLessThan(1e-4);
    }
    rmSync(cacheDirectory, { recursive: true });
  });
});
