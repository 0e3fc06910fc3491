/** What tests of training build again and again: examples without a text, and a runner on the CPU. */
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import type { TaskExample } from '../../main/task/format.ts';
import type { EncodedExample } from '../../main/train/encoding.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import type { Parameter } from '../../main/train/parameter.ts';

export function encodedExample(source: readonly number[], target: readonly number[] | null, example: Partial<TaskExample> = {}): EncodedExample {
  const bare = { id: source.join('-'), input: '', target: target === null ? null : 'x', label: null, group: null, answers: [], line: 1 };
  return { example: { ...bare, ...example }, source, target, isTruncated: false };
}

export interface RunnerParts {
  promptRows: number;
  parameters: readonly Parameter[];
  dropoutRate?: number;
}

export function createRunner(source: ModelSource, { promptRows, parameters, dropoutRate = 0 }: RunnerParts): ModelRunner {
  const backend = createOnnxBackend({ provider: 'cpu', threads: 1 });
  return new ModelRunner({ backend, config: source.config, frozen: source.frozen, promptRows, parameters, dropoutRate });
}
