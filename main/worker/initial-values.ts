/** First values of what a run trains: its settings, its model, its task and its seed decide them, so that they can be made again at any time. */
import { readArrayFile } from '../model/array-file.ts';
import type { Parameter } from '../train/parameter.ts';
import { createGenerator } from '../train/random.ts';
import type { JobModel } from './job-model.ts';
import type { BoundTask } from './task-data.ts';

/** @throws {Problem} what the method finds wrong with its source */
export async function initialParameters({ method, settings, source, rules, slots }: JobModel, { task, seed }: { task: BoundTask; seed: number }): Promise<Parameter[]> {
  const { trainables } = method.place(settings, source.config);
  const values = await method.initialise(settings, {
    model: source.config,
    embeddingRow: (id) => source.embeddingRow(id),
    tokenize: (text) => rules.tokenizer.encode(text),
    labels: task.format.labels ?? [],
    slots,
    weight: (name) => source.readWeight(name),
    readArray: readArrayFile,
    random: createGenerator(seed, 'initialisation'),
  });
  return trainables.map((trainable, i) => ({ ...trainable, values: values[i] as Float32Array }));
}
