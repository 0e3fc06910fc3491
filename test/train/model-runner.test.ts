import { describe, expect, it } from 'vitest';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import type { Backend } from '../../main/backend/backend.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { createGenerator } from '../../main/train/random.ts';
import { openTinyT5, tinyFamilies } from '../model/tiny-t5.ts';
import { encodedExample } from './runner.ts';

/** Counts what is compiled and what is closed. */
function counting(): { backend: Backend; compiled: string[]; closed: string[] } {
  const real = createOnnxBackend({ provider: 'cpu', threads: 1 });
  const [compiled, closed]: [string[], string[]] = [[], []];
  const backend: Backend = { provider: 'cpu', compile: async (program) => {
    compiled.push(program.name);
    const ready = await real.compile(program);
    return { ...ready, close: async () => {
      closed.push(program.name);
      await ready.close();
    } };
  } };
  return { backend, compiled, closed };
}

describe('a model runner', () => {
  it('compiles a shape once, lets the least used go when there are many, and closes every one', async () => {
    const source = await openTinyT5({ config: { ...tinyFamilies.mT5, num_decoder_layers: 1 } });
    const { backend, compiled, closed } = counting();
    const runner = new ModelRunner({ backend, config: source.config, frozen: source.frozen, promptRows: 0, parameters: [], dropoutRate: 0 });
    const encode = (length: number): Promise<unknown> => runner.encode({ shape: { batch: 1, source: length, target: 2 }, examples: [encodedExample([3, 1], null)] });
    for (let length = 2; length < 202; length += 1) {
      await encode(length);
      await encode(2);
    }
    expect(compiled.filter((name) => name === compiled[0]), 'the shape that is used all the time').toHaveLength(1);
    expect(compiled).toHaveLength(200);
    const held = compiled.length - closed.length;
    expect(held).toBeLessThanOrEqual(100);
    expect(closed).toEqual(compiled.slice(1, 201 - held));
    await runner.close();
    expect(closed.toSorted()).toEqual(compiled.toSorted());
  });

  it('draws dropout masks from the given generator alone: the same state gives the same gradient', async () => {
    const source = await openTinyT5({ config: tinyFamilies.mT5 });
    const parameters = [{ name: 'prompt', shape: [2, 16], values: new Float32Array(32).fill(0.5) }];
    const runner = new ModelRunner({ backend: createOnnxBackend({ provider: 'cpu', threads: 1 }), config: source.config, frozen: source.frozen, promptRows: 2, parameters, dropoutRate: 0.5 });
    const micro = { shape: { batch: 1, source: 16, target: 4 }, examples: [encodedExample([3, 4, 1], [5, 1])] };
    const gradientWith = async (seed: number): Promise<Float32Array> => {
      const gradient = new Float32Array(32);
      await runner.accumulateGradients(micro, [gradient], { tokenWeight: 1, dropout: createGenerator(seed, 'dropout') });
      return gradient;
    };
    const [first, again, other] = [await gradientWith(1), await gradientWith(1), await gradientWith(2)];
    await runner.close();
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
