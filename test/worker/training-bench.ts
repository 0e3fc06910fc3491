/** A model, data and train jobs small enough that a run takes a second, made anew: no file beside the repository is needed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pvp } from '../../main/contract/pvp.ts';
import type { TrainJob, TrainMember } from '../../main/contract/worker-protocol.ts';
import { findMethod } from '../../main/method/index.ts';
import { openModelSource } from '../../main/train/model-source.ts';
import { makeFolder } from '../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';

export interface TrainingBench {
  readonly folder: string;
  readonly files: { readonly train: string; readonly dev: string; readonly test: string };
  /** A job in a run folder of its own, which is named like it. */
  job(name: string, options?: JobOptions): TrainJob;
}

export interface JobOptions {
  method?: string;
  seed?: number;
  /** Several train together, in folders `<name>-<seed>`. */
  seeds?: readonly number[];
  resume?: boolean;
  files?: Partial<TrainJob['files']>;
  sampling?: TrainJob['sampling'];
  settings?: Record<string, unknown>;
  pvp?: Pvp;
}

const words = ['a', 'no', 'this', 'the man', 'good', 'rain falls', 'one', 'two boats', 'it is', 'never', 'at sea', 'here'];

/** RTE-like rows of uneven length; the same ones for the same `first`. */
function rows(first: number, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const text = Array.from({ length: 1 + ((first + i) * 7) % 9 }, (_unused, word) => words[(first + i * 5 + word * 3) % words.length]).join(' ');
    const label = (first + i) % 3 === 0 ? 'entailment' : 'not_entailment';
    return `${JSON.stringify({ premise: text, hypothesis: words[(first + i) % words.length], label, idx: first + i })}\n`;
  }).join('');
}

export async function makeTrainingBench(model: string | null = null): Promise<TrainingBench> {
  const folder = makeFolder();
  const cacheDirectory = join(folder, 'cache');
  const directory = model ?? writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
  const { fingerprint } = await openModelSource(directory, { cacheDirectory, fingerprint: null });
  const files = { train: join(folder, 'train.jsonl'), dev: join(folder, 'dev.jsonl'), test: join(folder, 'test.jsonl') };
  writeFileSync(files.train, rows(0, 13));
  writeFileSync(files.dev, rows(100, 6));
  writeFileSync(files.test, rows(200, 5));
  const member = (name: string, seed: number): TrainMember => ({ runId: name, runDirectory: join(folder, name), seed });
  return {
    folder,
    files,
    job(name, { method = 'prompt-tuning', seed = 5, seeds, resume = false, files: other = {}, sampling = null, settings = {}, pvp } = {}) {
      const small = method === 'prompt-design' ? { maxSourceTokens: 72 } : { steps: 24, batchSize: 4, evaluateEvery: 8, checkpointEvery: 3, maxSourceTokens: 72, dropout: 0.1, ...(method === 'prompt-tuning' ? { promptLength: 3 } : {}) };
      return {
        kind: 'train', members: seeds === undefined ? [member(name, seed)] : seeds.map((each) => member(`${name}-${each}`, each)), model: { directory, cacheDirectory, fingerprint, answerConvention: 'lm-adapted' },
        method, config: { ...findMethod(method).schema.parse({ ...small, ...settings }) }, task: { format: 'rte', labels: null, ...(pvp === undefined ? {} : { pvp }) },
        files: { ...files, ...other }, sampling, resume, runtime: { provider: 'cpu', threads: 1 },
      };
    },
  };
}
