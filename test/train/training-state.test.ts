import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTrainingMethod } from '../../main/method/index.ts';
import { encodeSafetensors } from '../../main/model/safetensors.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import { emptyParameters } from '../../main/train/parameter.ts';
import { encodeState, encodeTrained, loadTrained, restoreState, type Progress, type TrainedState } from '../../main/train/training-state.ts';
import { makeFolder } from '../model/make-files.ts';
import { randomValues } from '../model/tiny-t5.ts';

const folder = makeFolder();
const shapes = [{ name: 'prompt', shape: [3, 4] }, { name: 'norm', shape: [5] }];

function stateOf(optimizer: 'adafactor' | 'adamw', more: Record<string, unknown> = {}, trainables = shapes): TrainedState {
  const parameters = emptyParameters(trainables);
  return { parameters, optimizer: createOptimizer(findTrainingMethod('prompt-tuning').schema.parse({ optimizer, ...more }), parameters) };
}

/** After a few steps on given gradients. */
function trained(optimizer: 'adafactor' | 'adamw', more: Record<string, unknown> = {}): TrainedState {
  const state = stateOf(optimizer, more);
  for (let step = 0; step < 3; step += 1) state.optimizer.step(state.parameters.map(({ values }, i) => randomValues(values.length, step * 2 + i)), 0.1);
  return state;
}

const progress: Progress = {
  step: 3, dataPosition: { epoch: 2, offset: 5 }, dropoutState: [1, 2 ** 32 - 1, 0, 7], smoothedLoss: 0.1 + 0.2, recentLosses: [7.25, 1 / 3, 0.1], sourceTokens: { padded: 3, all: 40 }, seconds: 1.5,
  checkpoints: [{ step: 2, file: '/a/“b”.safetensors', trainLoss: 1 / 3, dev: null, isBest: true }],
};

function write(name: string, bytes: Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const everything = ({ parameters, optimizer }: TrainedState): unknown => [parameters, [...optimizer.moments], optimizer.updates];

describe('a saved state', () => {
  it.each<['adafactor' | 'adamw', Record<string, unknown>]>([['adafactor', {}], ['adafactor', { factored: 'matrices' }], ['adamw', {}]])(
    'of %s %j gives back every number, and the next step is the same', async (name, more) => {
      const before = trained(name, more);
      const bytes = encodeState(before, progress);
      expect(encodeState(before, progress)).toEqual(bytes);
      const after = stateOf(name, more);
      expect(await restoreState(write('state', bytes), after)).toEqual(progress);
      expect(everything(after)).toEqual(everything(before));
      for (const { parameters, optimizer } of [before, after]) optimizer.step(parameters.map(({ values }) => randomValues(values.length, 99)), 0.1);
      expect(everything(after)).toEqual(everything(before));
    });

  it('of another run is refused in a sentence that says what does not fit', async () => {
    const file = write('state', encodeState(trained('adafactor'), progress));
    await expect(restoreState(file, stateOf('adamw'))).rejects.toMatchObject({ code: 'state-unreadable', found: 'a tensor missing', place: { file } });
    const longer = stateOf('adafactor', {}, [{ name: 'prompt', shape: [4, 4] }]);
    await expect(restoreState(file, longer)).rejects.toMatchObject({ code: 'state-unreadable', found: 'parameter/prompt with 12 elements instead of 16' });
    const other = stateOf('adafactor', {}, [{ name: 'shared.weight', shape: [3, 4] }]);
    await expect(restoreState(file, other)).rejects.toMatchObject({ code: 'state-unreadable' });
  });

  it('that is cut, empty, absent or something else is refused', async () => {
    const bytes = encodeState(trained('adafactor'), progress);
    const state = stateOf('adafactor');
    await expect(restoreState(write('cut', bytes.subarray(0, bytes.length - 1)), state)).rejects.toMatchObject({ place: { file: join(folder, 'cut') } });
    await expect(restoreState(write('empty', new Uint8Array()), state)).rejects.toMatchObject({ code: 'weights-empty' });
    await expect(restoreState(join(folder, 'none'), state)).rejects.toMatchObject({ code: 'system-enoent' });
    await expect(restoreState(write('prompt', encodeTrained(state.parameters)), state)).rejects.toMatchObject({ code: 'state-unreadable', found: 'no state of a run in its header' });
    for (const text of ['{', '{"version":2}', JSON.stringify({ version: 1, updates: -1 })]) {
      const file = write('strange', encodeSafetensors([{ name: 'x', shape: [1], data: Float32Array.of(0) }], { state: text }));
      await expect(restoreState(file, state)).rejects.toMatchObject({ code: 'state-unreadable' });
    }
  });
});

describe('trained tensors', () => {
  it('are saved alone, by their names, in bytes that depend on their values alone', async () => {
    const { parameters } = trained('adamw');
    const bytes = encodeTrained(parameters);
    expect(encodeTrained(parameters.toReversed())).toEqual(bytes);
    const loaded = emptyParameters(shapes);
    await loadTrained(write('trained', bytes), loaded);
    expect(loaded).toEqual(parameters);
    await expect(loadTrained(join(folder, 'trained'), emptyParameters([{ name: 'other', shape: [1] }]))).rejects.toMatchObject({ code: 'state-unreadable' });
  });
});
