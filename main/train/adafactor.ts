/**
 * Adafactor (Shazeer & Stern 2018) without momentum, as prompt tuning uses it (T5X, t5x/adafactor.py): β2 at step t is 1 − t^−exponent
 * without bias correction, updates clipped to a root mean square, decay of the parameter itself. With exponent 0.8 the first step has
 * β2 = 0, so the second moment starts at g². Matrices may keep row and column means only.
 */
import type { TrainingSettings } from '../method/part/training-settings.ts';
import type { Optimizer, Parameter } from './parameter.ts';

type AdafactorSettings = Pick<
  TrainingSettings,
  'beta2Exponent' | 'beta2StepOffset' | 'factored' | 'clipThreshold' | 'parameterScale' | 'weightDecay' | 'weightDecayMode'
>;

/** Added to squared gradients. */
const gradientEpsilon = 1e-30;
/** Smallest root mean square that parameter scaling uses. */
const scaleEpsilon = 1e-3;

export function createAdafactor(settings: AdafactorSettings, parameters: readonly Parameter[]): Optimizer {
  const moments = new Map<string, Float32Array>();
  const states = parameters.map((parameter) => createState(parameter, settings, moments));
  const optimizer: Optimizer = {
    moments,
    updates: 0,
    step(gradients, learningRate) {
      optimizer.updates += 1;
      const beta2 = 1 - (optimizer.updates + settings.beta2StepOffset) ** -settings.beta2Exponent;
      for (const [i, state] of states.entries()) updateParameter(state, gradients[i] as Float32Array, { settings, beta2, learningRate });
    },
  };
  return optimizer;
}

type State = { readonly parameter: Parameter; readonly update: Float32Array } & (
  | { readonly kind: 'full'; readonly second: Float32Array }
  | { readonly kind: 'factored'; readonly rows: Float32Array; readonly columns: Float32Array }
);

function createState(parameter: Parameter, { factored }: AdafactorSettings, moments: Map<string, Float32Array>): State {
  const keep = (name: string, length: number): Float32Array => {
    const moment = new Float32Array(length);
    moments.set(`${parameter.name}/${name}`, moment);
    return moment;
  };
  const update = new Float32Array(parameter.values.length);
  const [rows, columns] = parameter.shape;
  if (factored === 'matrices' && parameter.shape.length === 2) {
    return { kind: 'factored', parameter, update, rows: keep('row-second-moment', rows ?? 0), columns: keep('column-second-moment', columns ?? 0) };
  }
  return { kind: 'full', parameter, update, second: keep('second-moment', parameter.values.length) };
}

interface StepContext {
  settings: AdafactorSettings;
  beta2: number;
  learningRate: number;
}

function updateParameter(state: State, gradient: Float32Array, { settings, beta2, learningRate }: StepContext): void {
  const { parameter: { values }, update } = state;
  if (state.kind === 'full') fullUpdate(state.second, gradient, update, beta2);
  else factoredUpdate(state, gradient, update, beta2);
  const rate = learningRate * (settings.parameterScale ? Math.max(scaleEpsilon, rootMeanSquare(values)) : 1);
  const scale = rate / Math.max(1, rootMeanSquare(update) / settings.clipThreshold);
  const keep = 1 - settings.weightDecay * (settings.weightDecayMode === 'absolute' ? 1 : rate);
  for (let i = 0; i < values.length; i += 1) values[i] = keep * values[i]! - scale * update[i]!;
}

function fullUpdate(second: Float32Array, gradient: Float32Array, update: Float32Array, beta2: number): void {
  for (let i = 0; i < gradient.length; i += 1) {
    const g = gradient[i]!;
    const moment = beta2 * second[i]! + (1 - beta2) * (g * g + gradientEpsilon);
    second[i] = moment;
    update[i] = g / Math.sqrt(moment);
  }
}

/** v[r, c] ≈ rows[r] · columns[c] / mean(rows), with rows and columns the moving means of g². */
function factoredUpdate(state: Extract<State, { kind: 'factored' }>, gradient: Float32Array, update: Float32Array, beta2: number): void {
  const { rows, columns } = state;
  const width = columns.length;
  const columnSums = new Float64Array(width);
  let meanOfRows = 0;
  for (let r = 0; r < rows.length; r += 1) {
    let rowSum = 0;
    for (let c = 0; c < width; c += 1) {
      const g = gradient[r * width + c]!;
      const square = g * g + gradientEpsilon;
      rowSum += square;
      columnSums[c]! += square;
    }
    rows[r] = beta2 * rows[r]! + (1 - beta2) * (rowSum / width);
    meanOfRows += rows[r]! / rows.length;
  }
  const columnFactors = new Float64Array(width);
  for (let c = 0; c < width; c += 1) {
    columns[c] = beta2 * columns[c]! + (1 - beta2) * (columnSums[c]! / rows.length);
    columnFactors[c] = 1 / Math.sqrt(columns[c]!);
  }
  for (let r = 0; r < rows.length; r += 1) {
    const rowFactor = 1 / Math.sqrt(rows[r]! / meanOfRows);
    for (let c = 0; c < width; c += 1) update[r * width + c] = gradient[r * width + c]! * rowFactor * columnFactors[c]!;
  }
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]! * values[i]!;
  return Math.sqrt(sum / values.length);
}
