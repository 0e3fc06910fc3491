/** What every job that runs a model begins with, whether it trains or evaluates. */
import { createOnnxBackend } from '../backend/onnx/session.ts';
import type { EvaluateJob, TrainJob } from '../contract/worker-protocol.ts';
import { findMethod, type AnyMethod } from '../method/index.ts';
import type { Placement } from '../method/method.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import type { EncodingRules } from '../train/encoding.ts';
import { ModelRunner } from '../train/model-runner.ts';
import { loadModelTokenizer, openModelSource, type ModelSource } from '../train/model-source.ts';
import type { Parameter } from '../train/parameter.ts';

export interface JobModel {
  readonly method: AnyMethod;
  readonly settings: TrainingSettings;
  readonly source: ModelSource;
  readonly rules: EncodingRules;
}

/** @throws {Problem} what `findMethod`, `openModelSource` and `loadModelTokenizer` throw. */
export async function openJobModel(job: TrainJob | EvaluateJob): Promise<JobModel> {
  const method = findMethod(job.method);
  const settings = method.schema.parse(job.config);
  const { directory, cacheDirectory, fingerprint, answerConvention } = job.model;
  const source = await openModelSource(directory, { cacheDirectory, fingerprint });
  const { maxSourceTokens, maxTargetTokens } = settings;
  return { method, settings, source, rules: { tokenizer: loadModelTokenizer(source), convention: answerConvention, maxSourceTokens, maxTargetTokens } };
}

/** @param dropoutRate 0 to evaluate. */
export function createJobRunner(
  job: TrainJob | EvaluateJob,
  { source }: JobModel,
  parts: { placement: Placement; parameters: readonly Parameter[]; dropoutRate: number },
): ModelRunner {
  return new ModelRunner({
    backend: createOnnxBackend({ provider: job.runtime.provider, threads: job.runtime.threads }),
    config: source.config,
    frozen: source.frozen,
    promptRows: parts.placement.promptRows,
    parameters: parts.parameters,
    dropoutRate: parts.dropoutRate,
  });
}
