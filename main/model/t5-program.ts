/**
 * The graphs that training, scoring and decoding run, with the names of their inputs and outputs.
 * Legend: b batch, c candidates, m prompts, p prompt rows, s source tokens, n = p + s, t target tokens, d width, v vocabulary.
 */
import { buildGradients, GraphBuilder, type Node } from '../graph/index.ts';
import type { T5Config } from './config.ts';
import { decode, decoderSource, decodeStep, head, type DecoderSource } from './t5-decoder.ts';
import { encode, type Encoded } from './t5-encoder.ts';
import type { KeyValue, T5Context } from './t5-layer.ts';

/** What is trained and where it acts; a method decides it. */
export interface T5Layout {
  readonly config: T5Config;
  /** Soft prompt rows in the encoder's input; 0 for none. The input is called `prompt`, f32[p, d]. */
  readonly promptRows: number;
  /** Where they stand: in front, or where another input, `sourceOrder` i64[b·n], puts them among an example's tokens. */
  readonly promptPlace?: PromptPlace;
  /**
   * How many prompts share a pass. With more than one, `prompt` is f32[m, p, d] and another input, `promptIndex` i64[b], says which of
   * them stands in front of each example.
   */
  readonly prompts: number;
  /** Names of weights that are trained: they become inputs of their own name. The rest stay frozen in their file. */
  readonly trainedWeights: ReadonlySet<string>;
  /** Tensors that get a gradient: `prompt` or names of trained weights. */
  readonly trainables: readonly string[];
}

export type PromptPlace = 'front' | 'ordered';

export interface BatchShape {
  readonly batch: number;
  readonly source: number;
  readonly target: number;
}

export type Outputs = Readonly<Record<string, Node>>;

/** Inputs of programs with an encoder; the last three only where the layout has prompts. */
export const sourceInputs = { ids: 'sourceIds', mask: 'sourceMask', prompt: 'prompt', promptIndex: 'promptIndex', order: 'sourceOrder' } as const;

/** Name of a dropout mask input: f32 of the value's shape, 0 or 1/(1 − rate). */
const dropoutPrefix = 'dropout/';

export function isDropoutInput(name: string): boolean {
  return name.startsWith(dropoutPrefix);
}

/** Whose tokens the rows and, over attention weights, the columns of a dropout mask are. */
export function maskedTokensOf(name: string): { queries: 'source' | 'target'; keys: 'source' | 'target' } {
  if (name.startsWith(`${dropoutPrefix}encoder.`)) return { queries: 'source', keys: 'source' };
  return { queries: 'target', keys: name.includes('.cross.') ? 'source' : 'target' };
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
  const { g } = context;
  return encode(context, {
    ids: g.input(sourceInputs.ids, { dtype: 'i64', shape: [shape.batch, shape.source] }),
    mask: g.input(sourceInputs.mask, { dtype: 'f32', shape: [shape.batch, shape.source] }),
    prompt: promptOf(context, layout, shape.batch),
    order: orderOf(context, layout, shape),
  });
}

/** @returns f32[p, d], or f32[b, p, d] where several prompts share the pass, or null. */
function promptOf({ g, config }: T5Context, { promptRows, prompts }: T5Layout, batch: number): Node | null {
  if (promptRows === 0) return null;
  const rows = [promptRows, config.width];
  if (prompts === 1) return g.input(sourceInputs.prompt, { dtype: 'f32', shape: rows });
  const all = g.input(sourceInputs.prompt, { dtype: 'f32', shape: [prompts, ...rows] });
  return g.gatherRows(all, g.input(sourceInputs.promptIndex, { dtype: 'i64', shape: [batch] }));
}

function orderOf({ g }: T5Context, { promptRows, promptPlace = 'front' }: T5Layout, { batch, source }: { batch: number; source: number }): Node | null {
  if (promptRows === 0 || promptPlace === 'front') return null;
  return g.input(sourceInputs.order, { dtype: 'i64', shape: [batch * (promptRows + source)] });
}

/**
 * Loss and gradients of one micro-batch.
 * Inputs: sourceIds i64[b,s], sourceMask f32[b,s], decoderIds i64[b,t] (targets shifted right), targetIds i64[b,t],
 * targetWeights f32[b,t] (0 for padding; chosen so that the weighted sum is the loss: micro-batches then simply add up), the trainables.
 * Outputs: `loss` f32[] = Σ weight · −log p(target), and `gradient/<name>` for every trainable; where several prompts share the pass, also
 * `exampleLosses` f32[b], which add up to the loss. A prompt's gradient is then that of its own examples' losses: no other depends on it.
 */
export function trainingOutputs(layout: T5Layout, shape: BatchShape, options: { dropout: 'none' | 'masks' }): Outputs {
  const context = createT5Context(layout, options);
  const { g } = context;
  const { logits } = teacherForced(context, layout, shape);
  const { loss, exampleLosses } = layout.prompts === 1
    ? { loss: weightedLoss(context, logits, shape), exampleLosses: null }
    : sharedLoss(context, logits, shape);
  const targets = layout.trainables.map((name) => trainable(g, name));
  const gradients = buildGradients(g, loss, targets);
  const shared = exampleLosses === null ? {} : { exampleLosses };
  return { loss, ...shared, ...Object.fromEntries(layout.trainables.map((name, i) => [`gradient/${name}`, gradients[i] as Node])) };
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

function weightedLoss(context: T5Context, logits: Node, shape: BatchShape): Node {
  const { g } = context;
  return g.within('loss', () => g.negate(g.reduceSum(weightedLogProbabilities(context, logits, shape), [0])));
}

function sharedLoss(context: T5Context, logits: Node, shape: BatchShape): { loss: Node; exampleLosses: Node } {
  const { g } = context;
  return g.within('loss', () => {
    const byExample = g.reshape(weightedLogProbabilities(context, logits, shape), [shape.batch, shape.target]);
    const exampleLosses = g.negate(g.reduceSum(byExample, [1]));
    return { loss: g.reduceSum(exampleLosses, [0]), exampleLosses };
  });
}

/** @returns f32[b·t] */
function weightedLogProbabilities({ g }: T5Context, logits: Node, { batch, target }: BatchShape): Node {
  const rows = batch * target;
  const targets = g.reshape(g.input('targetIds', { dtype: 'i64', shape: [batch, target] }), [rows]);
  const weights = g.reshape(g.input('targetWeights', { dtype: 'f32', shape: [batch, target] }), [rows]);
  return g.multiply(g.pickLast(g.logSoftmax(logits), targets), weights);
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
