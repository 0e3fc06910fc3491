import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { composePack } from '../../../main/pack/write-pack.ts';
import { readContent, makeDraft } from '../../pack/make-pack.ts';
import { goldenPath, makeFolder } from '../../model/make-files.ts';
import { readGoldenCase } from '../case.ts';
import { forwardLogits } from '../compare.ts';

/** A Python with torch, transformers and peft; without one the numbers that it gave are compared with. */
const python = process.env['SOUFFLEUR_PEFT_PYTHON'];

const logitsSchema = z.object({ virtual_tokens: z.number(), submodules: z.number(), logits: z.array(z.number()) });
const referenceSchema = z.record(z.string(), logitsSchema);

/** The golden case's prompt as a folder that was exported. */
async function exportFolder(name: string): Promise<{ folder: string; prompt: Float32Array }> {
  const { prompt: flat, config: { P, d } } = await readGoldenCase(goldenPath(name));
  const prompt = Float32Array.from(flat);
  const draft = makeDraft(1);
  const { files } = composePack({ ...draft, base: { ...draft.base, width: d }, prompts: draft.prompts.map((told) => ({ ...told, rows: P })) }, [{ rows: P, width: d, values: prompt }]);
  const folder = makeFolder();
  for (const { name: file, bytes } of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), bytes);
  }
  return { folder, prompt };
}

function largestDifference(ours: ArrayLike<number>, theirs: readonly number[]): number {
  expect(ours.length).toBe(theirs.length);
  return theirs.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (ours[i] ?? Number.NaN))), 0);
}

describe.each(['t5-v1_0', 't5-v1_1'])('an exported folder for %s', (name) => {
  it('gives our logits where PEFT gave the reference, within 1e-4', async () => {
    const reference = referenceSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8')))[name];
    const { prompt, folder } = await exportFolder(name);
    expect((await readContent(folder)).manifest.prompts[0]?.rows).toBe(reference?.virtual_tokens);
    expect(reference?.submodules).toBe(1);
    expect(largestDifference(await forwardLogits(goldenPath(name), prompt), reference?.logits ?? [])).toBeLessThan(1e-4);
  });

  it.skipIf(python === undefined)('is opened by PEFT as it is, whose logits are ours within 1e-4 (needs SOUFFLEUR_PEFT_PYTHON)', async () => {
    const { folder, prompt } = await exportFolder(name);
    const output = execFileSync(python ?? '', [join(import.meta.dirname, 'peft_logits.py'), goldenPath(`${name}/model`), folder, goldenPath(`${name}/case.json`)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const answer = logitsSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
    expect(answer).toMatchObject({ virtual_tokens: 7, submodules: 1 });
    expect(largestDifference(await forwardLogits(goldenPath(name), prompt), answer.logits)).toBeLessThan(1e-4);
  }, 300_000);
});
