import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../main/backend/backend.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import type { EvaluationResult } from '../../main/train/evaluation.ts';
import type { LoopHooks } from '../../main/train/group.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { makeFolder } from '../model/make-files.ts';
import { openTinyT5, tinyFamilies } from '../model/tiny-t5.ts';
import { relativeError } from '../golden/compare.ts';
import { onlyResult, runTrial, type Trial, type TrialEnd } from './training-trial.ts';

const seeds = [3, 4, 9];

let source: ModelSource;
beforeAll(async () => {
  source = await openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] });
});

const folderOf = (root: string, seed: number): string => join(root, String(seed));
const together = (root: string, trial: Trial, group = seeds): Promise<TrialEnd> => runTrial(source, group.map((seed) => ({ folder: folderOf(root, seed), seed })), trial);

/** Files by run and name, the root's own name taken out. */
function filesOf(root: string): Record<string, string> {
  return Object.fromEntries(seeds.flatMap((seed) => readdirSync(folderOf(root, seed)).toSorted()
    .map((name) => [`${seed}/${name}`, readFileSync(join(folderOf(root, seed), name), 'latin1').replaceAll(root, '')])));
}

const lossesOf = ({ log }: TrialEnd, member: number): number[] =>
  log.filter((line) => line.startsWith(`step ${member} `)).map((line) => Number(line.split(' ')[3]));

function predictionsIn(folder: string, name: string): EvaluationResult {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as EvaluationResult;
}

/** The real backend, spoiling the loss of one row from a pass on. */
function spoilRow(isSpoiled: (losses: Float32Array, call: number) => number | null): Backend {
  const real = createOnnxBackend({ provider: 'cpu', threads: 1 });
  let calls = 0;
  return { provider: 'cpu', compile: async (program) => {
    const compiled = await real.compile(program);
    return { ...compiled, run: async (feeds) => {
      const outputs = await compiled.run(feeds);
      const losses = outputs['exampleLosses']?.data as Float32Array | undefined;
      if (losses === undefined) return outputs;
      const row = isSpoiled(losses, calls += 1);
      if (row !== null) losses[row] = Number.NaN;
      return outputs;
    } };
  } };
}

describe('runs that share every pass', () => {
  // A small rate: with the default one, rounding grows a thousandfold in twenty steps, also between one run's ways to cut a step into passes.
  const variants: [string, Record<string, unknown>][] = [
    ['as they come', {}],
    ['with dropout, each from its own generator', { dropout: 0.2 }],
    ['with AdamW, a schedule and gradient clipping', { optimizer: 'adamw', learningRate: 0.05, schedule: 'linear', warmupSteps: 3, gradientClip: 0.5 }],
    ['in passes of five examples', { microBatch: 5 }],
  ];
  it.each(variants)('have the losses, prompts, answers and best steps of separate runs: %s', async (_what, given) => {
    const settings = { steps: 20, evaluateEvery: 10, checkpointEvery: 20, learningRate: 0.02, ...given };
    const [root, alone] = [makeFolder(), makeFolder()];
    const group = await together(root, { settings });
    for (const [member, seed] of seeds.entries()) {
      const single = await runTrial(source, [{ folder: folderOf(alone, seed), seed }], { settings });
      expect(lossesOf(group, member)).toHaveLength(20);
      expect(relativeError(Float32Array.from(lossesOf(group, member)), lossesOf(single, 0))).toBeLessThan(1e-4);
      expect(relativeError(group.members[member]?.parameters[0]?.values, [...single.members[0]?.parameters[0]?.values ?? []])).toBeLessThan(1e-4);
      const end = group.ends?.[member];
      const [result, wanted] = [end?.kind === 'trained' ? end.result : null, onlyResult(single)];
      expect(result?.best.step).toBe(wanted?.best.step);
      expect(result?.progress.dataPosition).toEqual(wanted?.progress.dataPosition);
      for (const name of ['predictions-dev-10', 'predictions-dev-20', `predictions-test-${wanted?.best.step}`]) {
        const [ours, theirs] = [predictionsIn(folderOf(root, seed), name), predictionsIn(folderOf(alone, seed), name)];
        expect(ours.predictions.map(({ id, answer }) => [id, answer])).toEqual(theirs.predictions.map(({ id, answer }) => [id, answer]));
        expect(relativeError(Float32Array.of(ours.loss ?? Number.NaN), [theirs.loss ?? Number.NaN])).toBeLessThan(1e-4);
      }
    }
    expect(lossesOf(group, 0)).not.toEqual(lossesOf(group, 1));
  });

  it('that die after any saved state go on from it as if they had not, byte for byte', async () => {
    const settings = { dropout: 0.1, steps: 8 };
    const whole = makeFolder();
    const { log } = await together(whole, { settings });
    const saves = log.filter((line) => line === 'save').length;
    expect(saves).toBe(6);
    for (const survivor of [1, 3, 5]) {
      const root = makeFolder();
      let count = 0;
      const die: LoopHooks['saveStates'] = (states) => {
        for (const { member, bytes } of states) writeFileSync(join(folderOf(root, seeds[member] ?? 0), 'state'), bytes);
        count += 1;
        if (count === survivor) throw new Error('killed');
      };
      await expect(together(root, { settings, hooks: { saveStates: die } })).rejects.toThrow('killed');
      await together(root, { settings, resume: true });
      expect(filesOf(root), `killed after save ${survivor}`).toEqual(filesOf(whole));
    }
  });

  it('that are not at the same step wait for the one behind, and end where separate runs end', async () => {
    const settings = { steps: 8, learningRate: 0.02 };
    const [root, alone] = [makeFolder(), makeFolder()];
    let asked = 0;
    // The second run alone, stopped somewhere on its way.
    await runTrial(source, [{ folder: folderOf(root, 4), seed: 4 }], { settings, isCancelled: () => (asked += 1) > 5 });
    const group = await together(root, { settings, resume: true });
    expect(lossesOf(group, 0)).toHaveLength(8);
    expect(lossesOf(group, 1).length).toBeLessThan(8);
    for (const [member, seed] of seeds.entries()) {
      const single = await runTrial(source, [{ folder: folderOf(alone, seed), seed }], { settings });
      expect(relativeError(group.members[member]?.parameters[0]?.values, [...single.members[0]?.parameters[0]?.values ?? []])).toBeLessThan(1e-4);
    }
  });

  it('go on when one of them fails', async () => {
    const settings = { steps: 6, microBatch: 12, evaluateEvery: 3 };
    // Rows of a pass are sorted by length; the first row of the fourth step belongs to some run, and that one fails alone.
    const group = await together(makeFolder(), { settings, backend: spoilRow((_losses, call) => (call === 4 ? 0 : null)) });
    const kinds = group.ends?.map(({ kind }) => kind) ?? [];
    expect(kinds.toSorted()).toEqual(['failed', 'trained', 'trained']);
    const end = group.ends?.[kinds.indexOf('failed')];
    expect(end?.kind === 'failed' && end.problem).toMatchObject({ code: 'loss-not-finite', found: expect.stringContaining('step 4') });
    for (const member of seeds.keys()) expect(lossesOf(group, member)).toHaveLength(kinds[member] === 'failed' ? 3 : 6);
  });
});
