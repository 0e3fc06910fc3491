/** What a designed prompt makes of examples, and the file that keeps its shots: safetensors without a tensor, so that it is a checkpoint like any other. */
import { z } from 'zod';
import { encodeSafetensors, readSafetensorsHeader } from '../model/safetensors.ts';
import type { Shot } from '../method/method.ts';
import type { TaskExample } from '../task/format.ts';
import { drawInTurns } from '../task/sampling.ts';
import { encodeExample, type EncodedExample } from '../train/encoding.ts';
import { createGenerator } from '../train/random.ts';
import { parseHeaderJson } from '../train/training-state.ts';
import type { DesignModel } from './job-model.ts';

/** Where a shot came from, for whoever looks at the run. */
export interface DrawnShot extends Shot {
  readonly id: string;
}

const shotsSchema = z.array(z.object({ id: z.string(), input: z.string(), answer: z.string() })).max(1000);

/** As many as the settings say, of the training examples, classes taking turns. @throws {Problem} `few-shot-too-few` */
export function drawShots(
  { method, settings }: DesignModel,
  { train, labels, seed }: { train: readonly TaskExample[]; labels: readonly string[] | null; seed: number },
): DrawnShot[] {
  const drawn = drawInTurns(train, { count: method.countShots(settings), labels, random: createGenerator(seed, 'shots') });
  return drawn.map(({ id, input, target }) => ({ id, input, answer: target ?? '' }));
}

/** An example whose source is what the method writes around its input; the example itself stays as it was read. */
export function encodeDesigned({ method, settings, rules }: DesignModel, shots: readonly Shot[], example: TaskExample): EncodedExample {
  const encode = (input: string): EncodedExample => encodeExample(rules, { ...example, input });
  const written = method.writeInput(settings, example.input, { shots, fits: (text) => !encode(text).isTruncated });
  return { ...encode(written), example };
}

/** Deterministic bytes. */
export function encodeShots(shots: readonly DrawnShot[]): Uint8Array {
  return encodeSafetensors([], { format: 'souffleur-design', shots: JSON.stringify(shots) });
}

/** @throws {Problem} `state-unreadable` when the file is no such checkpoint. */
export async function readShots(file: string): Promise<readonly DrawnShot[]> {
  const { metadata } = await readSafetensorsHeader(file);
  return parseHeaderJson(file, metadata['shots'], { schema: shotsSchema, found: 'no shots in the file’s header', expected: 'the checkpoint of a designed prompt' });
}
