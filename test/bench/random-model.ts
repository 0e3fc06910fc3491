/** A hub folder with random weights, written tensor by tensor: a 3 GB model needs no 3 GB of memory. */
import { closeSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { layOutSafetensors } from '../../main/model/safetensors.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { configJson, configOf, type SizeName } from './sizes.ts';

/** @returns the folder; the caller removes it. Norm gains are 1, other weights uniform with T5's variances. */
export function writeRandomModel(size: SizeName): string {
  const folder = mkdtempSync(join(tmpdir(), `souffleur-${size}-`));
  const config = configOf(size);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configJson(size)));
  const tensors = expectedTensors(config).map(({ name, shape }) => ({ name, shape, dtype: 'F32' as const }));
  const layout = layOutSafetensors(tensors, { format: 'pt' });
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  try {
    writeSync(file, layout.header, 0, layout.header.length, 0);
    for (const { tensor, byteOffset } of layout.tensors) {
      const values = randomValues(tensor.name, tensor.shape);
      writeSync(file, new Uint8Array(values.buffer), 0, values.byteLength, byteOffset);
    }
  } finally {
    closeSync(file);
  }
  return folder;
}

function randomValues(name: string, shape: readonly number[]): Float32Array {
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (name.includes('norm')) return values.fill(1);
  const fanIn = shape.at(-1) ?? 1;
  const spread = name === 'shared.weight' ? 1 : name.includes('bias') ? 0.5 : Math.sqrt(3 / fanIn);
  let word = 0x2545f491 ^ name.length;
  for (let i = 0; i < values.length; i += 1) {
    // xorshift32: quality does not matter here, speed does.
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    values[i] = (word / 2 ** 31) * spread;
  }
  return values;
}
