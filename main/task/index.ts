/** The task formats: one file each, one line here. */
import { Problem } from '../contract/problem.ts';
import type { DataSample, TaskFormat } from './format.ts';
import { boolq } from './format/boolq.ts';
import { cb } from './format/cb.ts';
import { classification } from './format/classification.ts';
import { copa } from './format/copa.ts';
import { mrpc } from './format/mrpc.ts';
import { multirc } from './format/multirc.ts';
import { pair } from './format/pair.ts';
import { qqp } from './format/qqp.ts';
import { race } from './format/race.ts';
import { record } from './format/record.ts';
import { rte } from './format/rte.ts';
import { sst2 } from './format/sst2.ts';
import { sst5 } from './format/sst5.ts';
import { wic } from './format/wic.ts';
import { wsc } from './format/wsc.ts';

export const taskFormats = [
  boolq,
  cb,
  copa,
  multirc,
  record,
  rte,
  wic,
  wsc,
  sst2,
  sst5,
  race,
  mrpc,
  qqp,
  classification,
  pair,
] as const satisfies readonly TaskFormat[];

/** @throws {Problem} `unknown-task-format`, with the formats there are. */
export function findFormat(id: string): TaskFormat {
  const format = taskFormats.find((candidate) => candidate.id === id);
  if (format !== undefined) return format;
  throw new Problem({
    code: 'unknown-task-format',
    found: `the task format "${id.slice(0, 80)}"`,
    expected: `one of ${taskFormats.map((candidate) => candidate.id).join(', ')}`,
    action: 'Choose one of these; `souffleur data inspect FILE` says which fits a file.',
  });
}

/** Below this a fit is chance. */
const leastFit = 0.15;

/**
 * The format that fits the sample best, or null; `alternatives` are others that fit as well.
 */
export function detectFormat(sample: DataSample): { format: TaskFormat | null; alternatives: readonly string[] } {
  const fits = taskFormats
    .map((format: TaskFormat) => ({ format, fit: format.match(sample) }))
    .filter(({ fit }) => fit >= leastFit)
    .sort((left, right) => right.fit - left.fit);
  const best = fits[0];
  if (best === undefined) return { format: null, alternatives: [] };
  return { format: best.format, alternatives: fits.slice(1).filter(({ fit }) => fit === best.fit).map(({ format }) => format.id) };
}
