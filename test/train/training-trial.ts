/** The training loop on a tiny model and a task that can be learned, as a worker runs it: one run in a folder, or several together. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../../main/backend/backend.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { findTrainingMethod } from '../../main/method/index.ts';
import type { TrainingSettings } from '../../main/method/part/training-settings.ts';
import { findFormat } from '../../main/task/index.ts';
import type { Tokenizer } from '../../main/token/index.ts';
import type { LoopHooks } from '../../main/train/group.ts';
import { trainToEnd, type LoopResult, type MemberEnd } from '../../main/train/loop.ts';
import { freshProgress, type MemberParts } from '../../main/train/member.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import { createGenerator } from '../../main/train/random.ts';
import { restoreState } from '../../main/train/training-state.ts';
import { encodedExample } from './runner.ts';

const labelIds: Record<string, number[]> = { entailment: [7, 3], not_entailment: [11] };
const tokenizer: Tokenizer = {
  vocabularySize: 40, padId: 0, eosId: 1, unkId: 2,
  encode: (text) => labelIds[text] ?? [2],
  decode: (ids) => Object.keys(labelIds).find((label) => String(labelIds[label]) === String(ids)) ?? ids.join(' '),
  pieces: (ids) => ids.map(String),
  idOf: () => null,
  sentinel: () => null,
};
export const rules = { tokenizer, convention: 'lm-adapted', maxSourceTokens: 64, maxTargetTokens: 8 } as const;
export const rte = findFormat('rte');

/** Learnable: the first token decides. */
const examples = Array.from({ length: 21 }, (_, i) => {
  const label = i % 2;
  const source = [20 + label, ...Array.from({ length: (i * 5) % 17 }, (_unused, k) => 4 + ((i + k * 3) % 30)), 1];
  return encodedExample(source, label === 0 ? [7, 3, 1] : [11, 1], { id: String(i), label, target: rte.labels?.[label] ?? null });
});
export const splits = { train: examples.slice(0, 13), dev: examples.slice(13, 18), test: examples.slice(18) };

export interface Trial {
  method?: 'prompt-tuning' | 'full-tuning';
  settings?: Record<string, unknown>;
  resume?: boolean;
  /** Asked as often as the loop asks; true cancels. */
  isCancelled?: () => boolean;
  isStopped?: () => boolean;
  hooks?: Partial<LoopHooks>;
  backend?: Backend;
}

export interface TrialEnd {
  /** Null when cancelled. */
  ends: readonly MemberEnd[] | null;
  members: readonly MemberParts[];
  /** What was done, in order; steps as `step <member> <step> <loss>`. */
  log: string[];
}

/** @param runs each in a folder of its own, which is made when it is not there. */
export async function runTrial(source: ModelSource, runs: readonly { folder: string; seed: number }[], trial: Trial): Promise<TrialEnd> {
  const method = findTrainingMethod(trial.method ?? 'prompt-tuning');
  const small = { steps: 12, batchSize: 4, evaluateEvery: 4, checkpointEvery: 2, ...(method.id === 'prompt-tuning' ? { promptLength: 3, init: 'random-uniform' } : { learningRate: 0.01 }) };
  const settings: TrainingSettings = method.schema.parse({ ...small, ...trial.settings });
  const { promptRows, trainables } = method.place(settings, source.config);
  const members: MemberParts[] = [];
  for (const [index, { folder, seed }] of runs.entries()) {
    mkdirSync(folder, { recursive: true });
    const initial = await method.initialise(settings, {
      model: source.config, embeddingRow: source.embeddingRow, tokenize: tokenizer.encode, labels: rte.labels ?? [], weight: source.readWeight,
      readArray: () => Promise.reject(new Error('no arrays here')), random: createGenerator(seed, 'initialisation'),
    });
    const parameters = trainables.map((trainable, i) => ({ ...trainable, values: initial[i] as Float32Array }));
    const optimizer = createOptimizer(settings, parameters);
    const state = join(folder, 'state');
    const progress = trial.resume === true && existsSync(state) ? await restoreState(state, { parameters, optimizer }) : freshProgress(seed);
    members.push({ index, seed, parameters, optimizer, progress });
  }
  const backend = trial.backend ?? createOnnxBackend({ provider: 'cpu', threads: 1 });
  const runner = new ModelRunner({
    backend, config: source.config, frozen: source.frozen, promptRows, parameters: members.flatMap(({ parameters }) => parameters), dropoutRate: settings.dropout,
  });
  const log: string[] = [];
  try {
    const hooks = { ...writingHooks(runs.map(({ folder }) => folder), log), isCancelled: () => trial.isCancelled?.() ?? false, isStopped: () => trial.isStopped?.() ?? false, ...trial.hooks };
    return { ends: await trainToEnd({ runner, settings, rules, format: rte, ...splits, members, hooks }), members, log };
  } finally {
    await runner.close();
  }
}

function writingHooks(folders: readonly string[], log: string[]): Omit<LoopHooks, 'isCancelled' | 'isStopped'> {
  const write = (member: number, name: string, bytes: Uint8Array | string): string => {
    const file = join(folders[member] ?? '', name);
    writeFileSync(file, bytes);
    return file;
  };
  return {
    onStep: (reports) => {
      for (const { member, step, loss } of reports) log.push(`step ${member} ${step} ${loss}`);
    },
    onEvaluation: () => {},
    onCheckpoint: (_member, { step }) => log.push(`checkpoint ${step}`),
    keepTrained: (member, step, bytes) => write(member, `trained-${step}`, bytes),
    dropTrained(file) {
      log.push(`drop ${file.split('-').at(-1)}`);
      rmSync(file);
    },
    keepPredictions(member, { step, split }, result) {
      log.push(`predictions ${split} ${step}`);
      return write(member, `predictions-${split}-${step}`, JSON.stringify(result));
    },
    saveStates(states) {
      log.push('save');
      for (const { member, bytes } of states) write(member, 'state', bytes);
    },
    nowSeconds: () => 0,
  };
}

/** The result of a run that was alone, as its worker would report it: null when cancelled. @throws what it failed for */
export function onlyResult({ ends }: TrialEnd): LoopResult | null {
  const [end] = ends ?? [];
  if (end?.kind === 'failed') throw end.problem;
  return end?.result ?? null;
}
