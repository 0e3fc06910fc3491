/**
 * Everything that a run needs to go on as if it had never stopped, as one safetensors file: trained tensors, optimizer moments, step,
 * generator state, data position and the record of past evaluations.
 */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import { checkpointRecordSchema, type CheckpointRecord } from '../contract/worker-protocol.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../model/tensor-data.ts';
import type { TensorEntry } from '../model/tensor-entry.ts';
import type { DataPosition } from './data-order.ts';
import type { Optimizer, Parameter } from './parameter.ts';
import type { GeneratorState } from '../random/xoshiro.ts';

/** More than a worker trains while a message is on its way, little beside the tensors. */
export const recentLossLimit = 2000;

export interface Progress {
  /** Completed steps. */
  step: number;
  /** Where the next step reads. */
  dataPosition: DataPosition;
  dropoutState: GeneratorState;
  /** Exponential mean of the loss; null before the first step. */
  smoothedLoss: number | null;
  /** Of the steps up to `step`, at most `recentLossLimit`: what the core may not have heard of when it or the worker died. */
  recentLosses: number[];
  /** Source tokens that the steps so far computed, and how many of them were padding. */
  sourceTokens: { padded: number; all: number };
  /** Seconds of training before this state. */
  seconds: number;
  checkpoints: CheckpointRecord[];
}

const word = z.number().int().min(0).max(2 ** 32 - 1);
const metadataSchema = z.object({
  version: z.literal(1),
  updates: z.number().int().min(0),
  step: z.number().int().min(0),
  dataPosition: z.object({ epoch: z.number().int().min(0), offset: z.number().int().min(0) }),
  dropoutState: z.tuple([word, word, word, word]),
  smoothedLoss: z.number().nullable(),
  recentLosses: z.array(z.number()),
  sourceTokens: z.object({ padded: z.number().int().min(0), all: z.number().int().min(0) }),
  seconds: z.number(),
  checkpoints: z.array(checkpointRecordSchema),
});

export interface TrainedState {
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
}

export function encodeState({ parameters, optimizer }: TrainedState, progress: Progress): Uint8Array {
  const metadata: z.infer<typeof metadataSchema> = { version: 1, updates: optimizer.updates, ...progress, dropoutState: [...progress.dropoutState] };
  const moments = [...optimizer.moments].map(([name, data]) => ({ name: `moment/${name}`, shape: [data.length], data }));
  return encodeSafetensors([...tensorsOf(parameters, 'parameter/'), ...moments], { format: 'souffleur-state', state: JSON.stringify(metadata) });
}

/** How far a state has come. @throws {Problem} `state-unreadable` */
export async function readStatePosition(file: string): Promise<{ step: number; evaluations: number }> {
  const { step, checkpoints } = parseState(file, (await readSafetensorsHeader(file)).metadata);
  return { step, evaluations: checkpoints.length };
}

/** Fills parameters and moments in place. @throws {Problem} `state-unreadable` when the file is not this run's state. */
export async function restoreState(file: string, { parameters, optimizer }: TrainedState): Promise<Progress> {
  const { entries, metadata } = await readSafetensorsHeader(file);
  const state = parseState(file, metadata);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, values } of parameters) copyTensor(byName.get(`parameter/${name}`), values, file);
  for (const [name, moment] of optimizer.moments) copyTensor(byName.get(`moment/${name}`), moment, file);
  const { updates, version: _version, ...progress } = state;
  optimizer.updates = updates;
  return progress;
}

function parseState(file: string, metadata: Readonly<Record<string, string>>): z.infer<typeof metadataSchema> {
  return parseHeaderJson(file, metadata['state'], { schema: metadataSchema, found: 'no state of a run in its header', expected: trainedTensors });
}

/**
 * What one of our files keeps as JSON in its header.
 * @param wanted `found` and `expected` are the message's, for when it is something else.
 * @throws {Problem} `state-unreadable`
 */
export function parseHeaderJson<Value>(file: string, text: string | undefined, wanted: { schema: z.ZodType<Value>; found: string; expected: string }): Value {
  const parsed = wanted.schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw unreadable(file, wanted);
}

/** The trained tensors alone, by their own names: what is kept of every evaluation. Deterministic bytes. */
export function encodeTrained(parameters: readonly Parameter[]): Uint8Array {
  return encodeSafetensors(tensorsOf(parameters, ''), { format: 'pt' });
}

/** Fills parameters in place from a file of `encodeTrained`. @throws {Problem} `state-unreadable` when it holds other tensors. */
export async function loadTrained(file: string, parameters: readonly Parameter[]): Promise<void> {
  const { entries } = await readSafetensorsHeader(file);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, values } of parameters) copyTensor(byName.get(name), values, file);
}

function tensorsOf(parameters: readonly Parameter[], prefix: string): { name: string; shape: readonly number[]; data: Float32Array }[] {
  return parameters.map(({ name, shape, values }) => ({ name: `${prefix}${name}`, shape, data: values }));
}

function copyTensor(entry: TensorEntry | undefined, target: Float32Array, file: string): void {
  if (entry === undefined) throw unreadable(file, { found: 'a tensor missing', expected: trainedTensors });
  const values = readTensorAsFloat32Sync(entry);
  if (values.length !== target.length) {
    throw unreadable(file, { found: `${entry.name} with ${values.length} elements instead of ${target.length}`, expected: trainedTensors });
  }
  target.set(values);
}

const trainedTensors = 'the trained tensors of this run';

function unreadable(file: string, { found, expected }: { found: string; expected: string }): Problem {
  return new Problem({
    code: 'state-unreadable',
    kind: 'failure',
    found,
    expected,
    action: 'The file belongs to another run or was changed; start the run anew.',
    place: { file },
  });
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
