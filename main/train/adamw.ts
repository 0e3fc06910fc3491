/** AdamW (Loshchilov & Hutter 2019): bias-corrected moments, decay apart from the gradient. */
import type { TrainingSettings } from '../method/part/training-settings.ts';
import type { Optimizer, Parameter } from './parameter.ts';

type AdamSettings = Pick<TrainingSettings, 'adamBeta1' | 'adamBeta2' | 'adamEpsilon' | 'weightDecay' | 'weightDecayMode'>;

export function createAdamW(settings: AdamSettings, parameters: readonly Parameter[]): Optimizer {
  const moments = new Map<string, Float32Array>();
  const states = parameters.map((parameter) => {
    const first = new Float32Array(parameter.values.length);
    const second = new Float32Array(parameter.values.length);
    moments.set(`${parameter.name}/first-moment`, first).set(`${parameter.name}/second-moment`, second);
    return { values: parameter.values, first, second };
  });
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon } = settings;
  const optimizer: Optimizer = {
    moments,
    updates: 0,
    step(gradients, learningRate) {
      optimizer.updates += 1;
      const firstCorrection = 1 - beta1 ** optimizer.updates;
      const secondCorrection = Math.sqrt(1 - beta2 ** optimizer.updates);
      const keep = 1 - settings.weightDecay * (settings.weightDecayMode === 'absolute' ? 1 : learningRate);
      const rate = learningRate / firstCorrection;
      for (const [k, { values, first, second }] of states.entries()) {
        const gradient = gradients[k] as Float32Array;
        for (let i = 0; i < values.length; i += 1) {
          const g = gradient[i]!;
          first[i] = beta1 * first[i]! + (1 - beta1) * g;
          second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
          values[i] = keep * values[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) / secondCorrection + epsilon);
        }
      }
    },
  };
  return optimizer;
}
