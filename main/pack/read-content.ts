/** From any file or folder that may hold prompts to checked prompts, each handed over as the files that a workspace keeps. */
import { basename } from 'node:path';
import type { PackContent, ReadPackJob, StagedPrompt } from '../contract/pack-job.ts';
import type { PackDraft } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import type { ForeignPrompt } from './foreign-prompt.ts';
import { openPrompt } from './open-prompt.ts';
import { encodeTrainedPrompt, meanRowNorm } from './prompt-tensor.ts';
import { readPack, type ReadPrompt } from './read-pack.ts';
import { composePack } from './write-pack.ts';

/** Takes a file under a name of ours, never under one from a pack. */
export type StageFile = (name: string, bytes: Uint8Array) => void;

/**
 * @param stage null only looks.
 * @throws {Problem} `pack-base-width`, and those of openPrompt and readPack; what was staged before is then not to be used
 */
export async function readPackContent({ path, assumptions }: Pick<ReadPackJob, 'path' | 'assumptions'>, stage: StageFile | null): Promise<PackContent> {
  const opened = await openPrompt(path);
  const staged: StagedPrompt[] = [];
  const rowNorms: number[] = [];
  const take = ({ prompt, config, weights }: ReadPrompt): void => {
    rowNorms.push(meanRowNorm(prompt));
    if (stage !== null) staged.push(stagePrompt(stage, { prompt, config, weights }, rowNorms.length));
  };
  if (opened.kind === 'pack') {
    const { files, origin } = opened;
    try {
      const { manifest, manifestText } = await readPack(files, take);
      return { origin, manifest, manifestText, rowNorms, staged, remarks: files.ignored.slice(0, 20).map((name) => `${name} is no part of the pack and was ignored.`) };
    } finally {
      files.close();
    }
  }
  const { origin, prompt, remarks } = opened.foreign;
  const { manifest, files: [manifestFile, config, weights] } = composePack(draftOf({ path, assumptions }, opened.foreign), [prompt]);
  take({ prompt, config: config?.bytes ?? new Uint8Array(), weights: weights?.bytes ?? new Uint8Array() });
  return { origin, manifest, manifestText: Buffer.from(manifestFile?.bytes ?? []).toString('utf8'), rowNorms, staged, remarks: [...remarks] };
}

/** @returns the names that were given. */
function stagePrompt(stage: StageFile, { prompt, config, weights }: ReadPrompt, position: number): StagedPrompt {
  const names = { adapterConfig: `${position}-config.json`, adapterWeights: `${position}-adapter.safetensors`, trained: `${position}-trained.safetensors` };
  stage(names.adapterConfig, config);
  stage(names.adapterWeights, weights);
  stage(names.trained, encodeTrainedPrompt(prompt));
  return names;
}

/** What can be said of a prompt that another program wrote. @throws {Problem} `pack-base-width` when the named model has another width. */
function draftOf({ path, assumptions }: Pick<ReadPackJob, 'path' | 'assumptions'>, { prompt, base: told }: ForeignPrompt): PackDraft {
  const { base, task, writtenBy } = assumptions;
  if (base !== null && base.width !== prompt.width) {
    throw new Problem({
      code: 'pack-base-width', found: `a prompt of width ${prompt.width}`, expected: `${base.width}, the width of ${base.name ?? 'the model'}`,
      action: 'Choose the model that the prompt was trained for, or leave the model out to look at the prompt.', place: { file: path },
    });
  }
  const unknown = { fingerprint: null, hubId: null, convention: null, tokenizerSha256: null, width: prompt.width };
  return {
    format: 'souffleur-prompt-pack', version: 1, title: basename(path).slice(0, 200) || 'prompt', writtenBy, licence: null,
    base: base ?? { ...unknown, ...told }, task, policy: null,
    prompts: [{ rows: prompt.rows, step: null, seed: null, method: null, sampling: null, metrics: [] }],
  };
}
