/**
 * The graphs that training, scoring and decoding run, with the names of their inputs and outputs.
 * Legend: b batch, c candidates, p prompt rows, s source tokens, n = p + s, t target tokens, d width, v vocabulary.
 */
import { buildGradients, GraphBuilder, type Node } from '../graph/index.ts';
import type { T5Config } from './config.ts';
import { decode, decoderSource, decodeStep, head, type DecoderSource } from './t5-decoder.ts';
import { encode, type Encoded } from './t5-encoder.ts';
import type { KeyValue, T5Context } from './t5-layer.ts';

/** What is trained and where it acts; a method decides it. */
export interface T5Layout {
  readonly config: T5Config;
  /** Soft prompt rows in front of the encoder's input; 0 for none. The input is called `prompt`, f32[p, d]. */
  readonly promptRows: number;
  /** Names of weights that are trained: they become inputs of their own name. The rest stay frozen in their file. */
  readonly trainedWeights: ReadonlySet<string>;
  /** Tensors that get a gradient: `prompt` or names of trained weights. */
  readonly trainables: readonly string[];
}

export interface BatchShape {
  readonly batch: number;
  readonly source: number;
  readonly target: number;
}

export type Outputs = Readonly<Record<string, Node>>;

/** Inputs that every program with an encoder has. */
export const sourceInputs = { ids: 'sourceIds', mask: 'sourceMask', prompt: 'prompt' } as const;

/** Name of a dropout mask input: f32 of the value's shape, 0 or 1/(1 − rate). */
const dropoutPrefix = 'dropout/';

export function isDropoutInput(name: string): boolean {
  return name.startsWith(dropoutPrefix);
}

/** A builder and a context in which the layout's trained weights are inputs. */
export function createT5Context(layout: T5Layout, options: { dropout: 'none' | 'masks' } = { dropout: 'none' }): T5Context {
  const g = new GraphBuilder();
  return {
    g,
    config: layout.config,
    weight: (name, shape) => (layout.trainedWeights.has(name) ? g.input(name, { dtype: 'f32', shape }) : g.parameter(name, shape)),
    dropout: (site, x) => (options.dropout === 'none' ? x : g.multiply(x, g.input(`${dropoutPrefix}${g.scope}.${site}`, x.type))),
  };
}

/** Encodes the program's source inputs. */
export function encodeSource(context: T5Context, layout: T5Layout, shape: { batch: number; source: number }): Encoded {
  const { g, config } = context;
  return encode(context, {
    ids: g.input(sourceInputs.ids, { dtype: 'i64', shape: [shape.batch, shape.source] }),
    mask: g.input(sourceInputs.mask, { dtype: 'f32', shape: [shape.batch, shape.source] }),
    prompt: layout.promptRows === 0 ? null : g.input(sourceInputs.prompt, { dtype: 'f32', shape: [layout.promptRows, config.width] }),
  });
}

/**
 * Loss and gradients of one micro-batch.
 * Inputs: sourceIds i64[b,s], sourceMask f32[b,s], decoderIds i64[b,t] (targets shifted right), targetIds i64[b,t],
 * targetWeights f32[b,t] (0 for padding; chosen so that the weighted sum is the loss: micro-batches then simply add up), the trainables.
 * Outputs: `loss` f32[] = Σ weight · −log p(target), and `gradient/<name>` for every trainable.
 */
export function trainingOutputs(layout: T5Layout, shape: BatchShape, options: { dropout: 'none' | 'masks' }): Outputs {
  const context = createT5Context(layout, options);
  const { g } = context;
  const { logits } = teacherForced(context, layout, shape);
  const loss = weightedLoss(context, logits, shape);
  const targets = layout.trainables.map((name) => trainable(g, name));
  const gradients = buildGradients(g, loss, targets);
  return { loss, ...Object.fromEntries(layout.trainables.map((name, i) => [`gradient/${name}`, gradients[i] as Node])) };
}

/** Loss and logits f32[b·t, v] without gradients: evaluation and the golden comparison. Same inputs as training. */
export function forwardOutputs(layout: T5Layout, shape: BatchShape): Outputs {
  const context = createT5Context(layout);
  const { logits, encoded } = teacherForced(context, layout, shape);
  return { loss: weightedLoss(context, logits, shape), logits, encoderStates: encoded.states.node };
}

function teacherForced(context: T5Context, layout: T5Layout, shape: BatchShape): { logits: Node; encoded: Encoded } {
  const { g } = context;
  const encoded = encodeSource(context, layout, shape);
  const ids = g.input('decoderIds', { dtype: 'i64', shape: [shape.batch, shape.target] });
  return { logits: head(context, decode(context, decoderSource(context, encoded), ids)), encoded };
}

function weightedLoss({ g }: T5Context, logits: Node, { batch, target }: BatchShape): Node {
  return g.within('loss', () => {
    const rows = batch * target;
    const targets = g.reshape(g.input('targetIds', { dtype: 'i64', shape: [batch, target] }), [rows]);
    const weights = g.reshape(g.input('targetWeights', { dtype: 'f32', shape: [batch, target] }), [rows]);
    const logProbabilities = g.pickLast(g.logSoftmax(logits), targets);
    return g.negate(g.reduceSum(g.multiply(logProbabilities, weights), [0]));
  });
}

/** The forward pass has made every trainable that the model uses. */
function trainable(g: GraphBuilder, name: string): Node {
  const node = g.leaf(name);
  if (node === null) throw new Error(`the model does not use ${name}, so it cannot be trained`);
  return node;
}

export const cacheName = (kind: 'cross' | 'past' | 'present', part: keyof KeyValue, layer: number): string => `${kind}/${part}/${layer}`;

/**
 * The one encoder pass of an evaluation. Inputs: source inputs. Outputs: `keyBias` f32[b,1,1,n] and per decoder layer
 * `cross/key/<layer>`, `cross/value/<layer>` f32[b,h,n,k]; scoring and decoding take them as inputs.
 */
export function encodingOutputs(layout: T5Layout, shape: { batch: number; source: number }): Outputs {
  const context = createT5Context(layout);
  const { cross, keyBias } = decoderSource(context, encodeSource(context, layout, shape));
  return { keyBias, ...named('cross', cross) };
}

/**
 * Log-probabilities of c candidate targets for every example.
 * Inputs: what encodingOutputs gives; candidateDecoderIds i64[c,t], candidateIds i64[c,t], candidateWeights f32[c,t] (1 for a token, 0 for padding).
 * Outputs: `logProbabilities` f32[b,c], summed over the candidate's tokens.
 */
export function scoringOutputs(layout: T5Layout, shape: BatchShape & { candidates: number }): Outputs {
  const context = createT5Context(layout);
  const { g } = context;
  const { batch, candidates, target } = shape;
  const each = (name: string, dtype: 'i64' | 'f32'): Node =>
    g.broadcast(g.input(name, { dtype, shape: [candidates, target] }), [batch, candidates, target]);
  const ids = g.reshape(each('candidateDecoderIds', 'i64'), [batch * candidates, target]);
  const logits = head(context, decode(context, cachedSource(context, layout, shape), ids));
  const rows = batch * candidates * target;
  const picked = g.pickLast(g.logSoftmax(logits), g.reshape(each('candidateIds', 'i64'), [rows]));
  const weighted = g.multiply(g.reshape(picked, [batch, candidates, target]), each('candidateWeights', 'f32'));
  return { logProbabilities: g.reduceSum(weighted, [2]) };
}

/**
 * One greedy step. Inputs: what encodingOutputs gives; stepIds i64[b], here f32[t], future f32[t], buckets i64[t],
 * `past/key/<layer>`, `past/value/<layer>` f32[b,h,t,k]. Outputs: `nextIds` i64[b] and `present/…` f32[b,h,1,k].
 */
export function stepOutputs(layout: T5Layout, shape: BatchShape): Outputs {
  const context = createT5Context(layout);
  const { g } = context;
  const { batch, target } = shape;
  const step = decodeStep(context, {
    ids: g.input('stepIds', { dtype: 'i64', shape: [batch] }),
    source: cachedSource(context, layout, shape),
    past: cached(context, 'past', { batch, extent: target }),
    here: g.input('here', { dtype: 'f32', shape: [target] }),
    future: g.input('future', { dtype: 'f32', shape: [target] }),
    buckets: g.input('buckets', { dtype: 'i64', shape: [target] }),
  });
  return { nextIds: g.argMax(head(context, step.states)), ...named('present', step.present) };
}

function cachedSource(context: T5Context, layout: T5Layout, { batch, source }: { batch: number; source: number }): DecoderSource {
  const extent = layout.promptRows + source;
  return {
    batch,
    cross: cached(context, 'cross', { batch, extent }),
    keyBias: context.g.input('keyBias', { dtype: 'f32', shape: [batch, 1, 1, extent] }),
  };
}

function cached({ g, config }: T5Context, kind: 'cross' | 'past', { batch, extent }: { batch: number; extent: number }): KeyValue[] {
  const shape = [batch, config.heads, extent, config.keyWidth];
  return Array.from({ length: config.decoderLayers }, (_, layer) => ({
    key: g.input(cacheName(kind, 'key', layer), { dtype: 'f32', shape }),
    value: g.input(cacheName(kind, 'value', layer), { dtype: 'f32', shape }),
  }));
}

function named(kind: 'cross' | 'present', layers: readonly KeyValue[]): Record<string, Node> {
  return Object.fromEntries(layers.flatMap(({ key, value }, layer) => [
    [cacheName(kind, 'key', layer), key],
    [cacheName(kind, 'value', layer), value],
  ]));
}
