/**
 * Muon (Jordan et al. 2024) for the matrices inside the layers, AdamW for the rest: a step that is as long in every direction of a
 * matrix. It takes fewer steps than AdamW to the same loss here. The orthogonalisation runs as a graph of our own on the backend.
 */
import type { Backend, CompiledProgram } from '../../main/backend/backend.ts';
import { GraphBuilder, type Node } from '../../main/graph/index.ts';
import { createAdamW } from '../../main/train/adamw.ts';
import type { Parameter } from '../../main/train/parameter.ts';

const momentum = 0.95;
/** Root mean square of an update, as AdamW's: Liu et al. 2025, Muon is Scalable for LLM Training, §2.2. */
const updateScale = 0.2;
/** Newton–Schulz iterations and their coefficients (Jordan et al. 2024). */
const iterations = 5;
const [first, third, fifth] = [3.4445, -4.775, 2.0315];

export interface MuonOptimizer {
  step(gradients: readonly Float32Array[], learningRate: number): Promise<void>;
  /** Live arrays by name, for the saved state. */
  readonly moments: ReadonlyMap<string, Float32Array>;
  updates: number;
  close(): Promise<void>;
}

/** Weights of a layer; embeddings, head, gains and biases are AdamW's. */
function isMatrix({ name }: Parameter): boolean {
  return /\.(q|k|v|o|wi_0|wi_1|wo)\.weight$/.test(name);
}

interface Group {
  readonly members: { values: Float32Array; moment: Float32Array; gradientIndex: number }[];
  readonly rows: number;
  readonly columns: number;
  readonly stacked: Float32Array;
  readonly input: string;
}

export async function createMuon(backend: Backend, parameters: readonly Parameter[]): Promise<MuonOptimizer> {
  const rest = parameters.filter((parameter) => !isMatrix(parameter));
  const adam = createAdamW({ adamBeta1: 0.9, adamBeta2: 0.98, adamEpsilon: 1e-8, weightDecay: 0, weightDecayMode: 'absolute' }, rest);
  const moments = new Map(adam.moments);
  const groups = groupByShape(parameters, moments);
  const program = await compileOrthogonalisation(backend, groups);
  const restIndices = rest.map((parameter) => parameters.indexOf(parameter));
  return {
    moments,
    get updates() { return adam.updates; },
    set updates(count) { adam.updates = count; },
    async step(gradients, learningRate) {
      for (const group of groups) stackDirections(group, gradients);
      const outputs = await program.run(Object.fromEntries(groups.map(({ input, stacked }) => [input, stacked])));
      for (const group of groups) applyUpdates(group, outputs[group.input]?.data as Float32Array, learningRate);
      adam.step(restIndices.map((i) => gradients[i] as Float32Array), learningRate);
    },
    close: () => program.close(),
  };
}

function groupByShape(parameters: readonly Parameter[], moments: Map<string, Float32Array>): Group[] {
  const groups = new Map<string, Group['members']>();
  for (const [gradientIndex, parameter] of parameters.entries()) {
    if (!isMatrix(parameter)) continue;
    const moment = new Float32Array(parameter.values.length);
    moments.set(`${parameter.name}/momentum`, moment);
    const key = parameter.shape.join('x');
    groups.set(key, [...(groups.get(key) ?? []), { values: parameter.values, moment, gradientIndex }]);
  }
  return [...groups].map(([key, members]) => {
    const [rows = 0, columns = 0] = key.split('x').map(Number);
    return { members, rows, columns, stacked: new Float32Array(members.length * rows * columns), input: key };
  });
}

/** The Nesterov direction of each matrix, scaled to norm 1. */
function stackDirections({ members, rows, columns, stacked }: Group, gradients: readonly Float32Array[]): void {
  const size = rows * columns;
  for (const [member, { moment, gradientIndex }] of members.entries()) {
    const gradient = gradients[gradientIndex] as Float32Array;
    const offset = member * size;
    let squares = 0;
    for (let i = 0; i < size; i += 1) {
      const g = gradient[i]!;
      const m = momentum * moment[i]! + g;
      moment[i] = m;
      const direction = g + momentum * m;
      stacked[offset + i] = direction;
      squares += direction * direction;
    }
    const scale = 1 / (Math.sqrt(squares) + 1e-12);
    for (let i = offset; i < offset + size; i += 1) stacked[i]! *= scale;
  }
}

function applyUpdates({ members, rows, columns }: Group, orthogonal: Float32Array, learningRate: number): void {
  const size = rows * columns;
  const rate = learningRate * updateScale * Math.sqrt(Math.max(rows, columns));
  for (const [member, { values }] of members.entries()) {
    const offset = member * size;
    for (let i = 0; i < size; i += 1) values[i]! -= rate * orthogonal[offset + i]!;
  }
}

async function compileOrthogonalisation(backend: Backend, groups: readonly Group[]): Promise<CompiledProgram> {
  const g = new GraphBuilder();
  const outputs = Object.fromEntries(groups.map(({ members, rows, columns, input }) => {
    let x: Node = g.input(input, { dtype: 'f32', shape: [members.length, rows, columns] });
    const isTall = rows > columns;
    for (let i = 0; i < iterations; i += 1) {
      const gram = isTall ? g.matmul(x, x, { transposeA: true }) : g.matmul(x, x, { transposeB: true });
      const polynomial = g.add(g.multiply(gram, g.scalar(third)), g.matmul(gram, gram, { scale: fifth }));
      const turned = isTall ? g.matmul(x, polynomial) : g.matmul(polynomial, x);
      x = g.add(g.multiply(x, g.scalar(first)), turned);
    }
    return [input, x];
  }));
  return backend.compile({ name: 'orthogonalise', outputs, frozen: null });
}
