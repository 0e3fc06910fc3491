/** What a designed prompt makes of examples, and the file that keeps its shots: safetensors without a tensor, so that it is a checkpoint like any other. */
import { z } from 'zod';
import { encodeSafetensors, readSafetensorsHeader } from '../model/safetensors.ts';
import type { Around, Shot } from '../method/method.ts';
import type { TaskExample } from '../task/format.ts';
import { writeAnswered } from '../task/pattern/soft-slots.ts';
import { drawInTurns } from '../task/sampling.ts';
import { encodeExample, type EncodedExample } from '../train/encoding.ts';
import { createGenerator } from '../train/random.ts';
import { parseHeaderJson } from '../train/training-state.ts';
import type { DesignModel } from './job-model.ts';

/** Where a shot came from, for whoever looks at the run. */
export interface DrawnShot extends Shot {
  readonly id: string;
}

const shotsSchema = z.array(z.object({ id: z.string(), input: z.string(), answer: z.string().nullable() })).max(1000);

/** As many as the settings say, of the training examples, classes taking turns. @throws {Problem} `few-shot-too-few` */
export function drawShots(
  { method, settings }: DesignModel,
  { train, labels, seed }: { train: readonly TaskExample[]; labels: readonly string[] | null; seed: number },
): DrawnShot[] {
  const drawn = drawInTurns(train, { count: method.countShots(settings), labels, random: createGenerator(seed, 'shots') });
  return drawn.map(({ id, input, parts = [], target }) => {
    const answer = target ?? '';
    return parts.some(({ kind }) => kind === 'answer') ? { id, input: writeAnswered(parts, answer), answer: null } : { id, input, answer };
  });
}

/** An example whose source has around its input what the method writes; the example itself stays as it was read. */
export function encodeDesigned({ method, settings, rules }: DesignModel, shots: readonly Shot[], example: TaskExample): EncodedExample {
  const own = example.parts ?? [{ kind: 'text', text: example.input }];
  const encode = ({ before, behind }: Around): EncodedExample =>
    encodeExample(rules, { ...example, parts: [{ kind: 'text', text: before }, ...own, { kind: 'text', text: behind }] });
  const around = method.writeAround(settings, { shots, fits: (texts) => !encode(texts).isTruncated });
  return { ...encode(around), example };
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
