/** One attention step with a frozen projection, forward and backward: small, and with every kind of lowering in it. */
import { buildGradients, GraphBuilder, type Node } from '../../../main/graph/index.ts';

/** @returns the loss and the gradient of `prompt` [p, d], for p = 2 rows, d = 4 and a vocabulary of 6. */
export function buildComposite(): Record<'loss' | 'prompt', Node> {
  const g = new GraphBuilder();
  const prompt = g.input('prompt', { dtype: 'f32', shape: [2, 4] });
  const tokens = g.input('tokens', { dtype: 'i64', shape: [3] });
  const labels = g.input('labels', { dtype: 'i64', shape: [5] });
  const table = g.parameter('shared', [6, 4]);
  const hidden = g.within('embed', () => g.concat([prompt, g.gatherRows(table, tokens)], 0));
  const attended = g.within('encoder.0', () => {
    const x = g.rmsNorm(hidden, g.parameter('norm', [4]), 1e-6);
    const query = g.matmul(x, g.parameter('query', [3, 4]), { transposeB: true });
    const weights = g.softmax(g.matmul(query, query, { transposeB: true, scale: 0.5 }));
    return g.add(hidden, g.matmul(weights, x));
  });
  const loss = g.within('loss', () => {
    const logProbabilities = g.logSoftmax(g.matmul(attended, table, { transposeB: true }));
    return g.negate(g.reduceSum(g.pickLast(logProbabilities, labels), [0]));
  });
  const [gradient] = buildGradients(g, loss, [prompt]);
  return { loss, prompt: gradient as Node };
}

/** Shapes of the composite's frozen weights. */
export const compositeWeights = { shared: [6, 4], norm: [4], query: [3, 4] } as const;
