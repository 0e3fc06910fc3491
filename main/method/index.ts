/** Every method, one line each. */
import { Problem } from '../contract/problem.ts';
import { fullTuning } from './full-tuning.ts';
import type { DesignMethod, TrainingMethod } from './method.ts';
import type { EvaluationSettings } from './part/evaluation-settings.ts';
import type { TrainingSettings } from './part/training-settings.ts';
import { promptDesign } from './prompt-design.ts';
import { promptTuning } from './prompt-tuning.ts';

const registered = [promptTuning, fullTuning, promptDesign] as const;

/** Methods whose own settings are not looked at: their schema made them and only they read them. */
export type AnyTrainingMethod = TrainingMethod<TrainingSettings>;
export type AnyDesignMethod = DesignMethod<EvaluationSettings>;
export type AnyMethod = AnyTrainingMethod | AnyDesignMethod;

export const methods: readonly AnyMethod[] = registered as unknown as readonly AnyMethod[];
export const trainingMethods: readonly AnyTrainingMethod[] = methods.filter((method) => method.trains !== 'nothing');
const designMethods: readonly AnyDesignMethod[] = methods.filter((method) => method.trains === 'nothing');

/** @throws {Problem} `method-unknown`, listing the methods. */
export function findMethod(id: string): AnyMethod {
  return findIn(methods, id);
}

/** @throws {Problem} `method-unknown`, listing the methods that train. */
export function findTrainingMethod(id: string): AnyTrainingMethod {
  return findIn(trainingMethods, id);
}

/** @throws {Problem} `method-unknown`, listing the methods that train nothing. */
export function findDesignMethod(id: string): AnyDesignMethod {
  return findIn(designMethods, id);
}

function findIn<Method extends AnyMethod>(candidates: readonly Method[], id: string): Method {
  const method = candidates.find((candidate) => candidate.id === id);
  if (method !== undefined) return method;
  throw new Problem({
    code: 'method-unknown',
    found: `the method “${id}”`,
    expected: `one of ${candidates.map((known) => known.id).join(', ')}`,
    action: 'Choose one of these with --method.',
  });
}
