/** Every method, one line each. */
import { Problem } from '../contract/problem.ts';
import { fullTuning } from './full-tuning.ts';
import type { TrainingMethod } from './method.ts';
import type { TrainingSettings } from './part/training-settings.ts';
import { promptTuning } from './prompt-tuning.ts';

const methods = [promptTuning, fullTuning] as const;

/** A method whose own settings are not looked at: its schema made them and only it reads them. */
export type AnyMethod = TrainingMethod<TrainingSettings>;

export const trainingMethods: readonly AnyMethod[] = methods as unknown as readonly AnyMethod[];

/** @throws {Problem} `method-unknown`, listing the methods. */
export function findMethod(id: string): AnyMethod {
  const method = trainingMethods.find((candidate) => candidate.id === id);
  if (method !== undefined) return method;
  throw new Problem({
    code: 'method-unknown',
    found: `the method “${id}”`,
    expected: `one of ${trainingMethods.map((known) => known.id).join(', ')}`,
    action: 'Choose one of these with --method.',
  });
}
