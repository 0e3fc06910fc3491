/** What every job that runs a model begins with, whether it trains or evaluates. */
import { createOnnxBackend } from '../backend/onnx/session.ts';
import type { TrainJob } from '../contract/worker-protocol.ts';
import { findDesignMethod, findMethod, findTrainingMethod, type AnyDesignMethod, type AnyTrainingMethod } from '../method/index.ts';
import type { Placement } from '../method/method.ts';
import type { EvaluationSettings } from '../method/part/evaluation-settings.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import { softSlotsOf, type SoftSlot } from '../task/pattern/soft-slots.ts';
import type { EncodingRules } from '../train/encoding.ts';
import { ModelRunner } from '../train/model-runner.ts';
import { loadModelTokenizer, openModelSource, type ModelSource } from '../train/model-source.ts';
import type { Parameter } from '../train/parameter.ts';

/** What every job says of the model that it runs. */
type ModelJob = Pick<TrainJob, 'model' | 'method' | 'config' | 'task' | 'runtime'>;

interface OpenedModel {
  readonly source: ModelSource;
  readonly rules: EncodingRules;
  /** Soft slots of the task's pattern; none where there is no pattern, or one that leaves the prompt in front. */
  readonly slots: readonly SoftSlot[];
}

export interface JobModel extends OpenedModel {
  readonly method: AnyTrainingMethod;
  readonly settings: TrainingSettings;
}

/** A model whose method trains nothing. */
export interface DesignModel extends OpenedModel {
  readonly method: AnyDesignMethod;
  readonly settings: EvaluationSettings;
}

/** @throws {Problem} what `findTrainingMethod`, `openModelSource` and `loadModelTokenizer` throw. */
export async function openJobModel(job: ModelJob): Promise<JobModel> {
  const method = findTrainingMethod(job.method);
  const settings = method.schema.parse(job.config);
  return { method, settings, ...await openModel(job, settings) };
}

/** @throws {Problem} as `openJobModel`. */
export async function openDesignModel(job: ModelJob): Promise<DesignModel> {
  const method = findDesignMethod(job.method);
  const settings = method.schema.parse(job.config);
  return { method, settings, ...await openModel(job, settings) };
}

async function openModel(job: ModelJob, { maxSourceTokens, maxTargetTokens }: EvaluationSettings): Promise<OpenedModel> {
  const { directory, cacheDirectory, fingerprint, answerConvention } = job.model;
  const source = await openModelSource(directory, { cacheDirectory, fingerprint });
  const rules = { tokenizer: loadModelTokenizer(source), convention: answerConvention, maxSourceTokens, maxTargetTokens };
  const slots = job.task.pvp === undefined ? [] : softSlotsOf(job.task.pvp);
  return { source, slots, rules: { ...rules, slots: findMethod(job.method).trains === 'prompt' ? slots.map(({ rows }) => rows) : 'as-text' } };
}

/** @param dropoutRate 0 to evaluate. */
export function createJobRunner(
  job: ModelJob,
  { source }: OpenedModel,
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
