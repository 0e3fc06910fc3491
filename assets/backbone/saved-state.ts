/** Everything that pre-training goes on from, as one safetensors file that is replaced as a whole. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../main/contract/problem.ts';
import { encodeSafetensors, readSafetensorsHeader, type TensorToWrite } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { parseHeaderJson } from '../../main/train/training-state.ts';
import type { NamedTensor } from './initial-weights.ts';
import type { MuonOptimizer } from './muon.ts';

const schema = z.object({
  step: z.int().min(0),
  seconds: z.number(),
  tokens: z.int().min(0),
  /** Exponential mean of the loss; 0 before the first step. */
  mean: z.number(),
  updates: z.int().min(0),
});
export type Progress = Omit<z.infer<typeof schema>, 'updates'>;

interface Trained {
  readonly parameters: readonly NamedTensor[];
  readonly optimizer: MuonOptimizer;
}

export function saveState(folder: string, { parameters, optimizer }: Trained, progress: Progress): void {
  const tensors = [
    ...asTensors(parameters).map((tensor) => ({ ...tensor, name: `parameter/${tensor.name}` })),
    ...[...optimizer.moments].map(([name, data]) => ({ name: `moment/${name}`, shape: [data.length], data })),
  ];
  writeFileAtomicSync(stateFile(folder), encodeSafetensors(tensors, { state: JSON.stringify({ ...progress, updates: optimizer.updates }) }));
}

/** Fills parameters and moments in place; leaves them where there is no state. @throws {Problem} `state-unreadable`, `state-of-another-model` */
export async function restoreState(folder: string, { parameters, optimizer }: Trained): Promise<Progress> {
  const file = stateFile(folder);
  if (!existsSync(file)) return { step: 0, seconds: 0, tokens: 0, mean: 0 };
  const { entries, metadata } = await readSafetensorsHeader(file);
  const { updates, ...progress } = parseHeaderJson(file, metadata['state'], { schema, found: 'no state of a pre-training in its header', expected: 'a file that this script wrote' });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const read = (name: string, into: Float32Array): void => {
    const entry = byName.get(name);
    const values = entry === undefined ? null : readTensorAsFloat32Sync(entry);
    if (values === null || values.length !== into.length) {
      throw new Problem({
        code: 'state-of-another-model', found: `${name} with ${values?.length ?? 'no'} values`, expected: `${into.length}, as this size of model has`,
        action: 'Choose another --folder.', place: { file },
      });
    }
    into.set(values);
  };
  for (const { name, values } of parameters) read(`parameter/${name}`, values);
  for (const [name, moment] of optimizer.moments) read(`moment/${name}`, moment);
  optimizer.updates = updates;
  return progress;
}

export function asTensors(parameters: readonly NamedTensor[]): TensorToWrite[] {
  return parameters.map(({ name, shape, values }) => ({ name, shape: [...shape], data: values }));
}

function stateFile(folder: string): string {
  return join(folder, 'state.safetensors');
}
