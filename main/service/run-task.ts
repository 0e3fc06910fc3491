/** What a run asks and how it is answered: its task format, spoken as its pattern and verbalizer say. */
import { Problem } from '../contract/problem.ts';
import type { UsedPvp } from '../contract/pvp.ts';
import type { TrainJob } from '../contract/worker-protocol.ts';
import type { AnyMethod } from '../method/index.ts';
import type { JsonObject } from '../store/json-column.ts';
import type { Run } from '../store/run-row.ts';
import type { LabelWord, TaskFormat } from '../task/format.ts';
import { findFormat } from '../task/index.ts';
import { applyPattern } from '../task/pattern/apply-pattern.ts';
import { softSlotsOf } from '../task/pattern/soft-slots.ts';
import { readRunConfig } from './run-config.ts';

export interface SpokenTask {
  /** A task format's id. */
  format: string;
  labels: readonly LabelWord[] | null;
  pvp: UsedPvp | null;
}

/** Without the classes of a format for any classes. @throws {Problem} `unknown-task-format`, those of applyPattern */
export function formatOf({ format, pvp }: Pick<SpokenTask, 'format' | 'pvp'>): TaskFormat {
  return pvp === null ? findFormat(format) : applyPattern(findFormat(format), pvp.pvp);
}

/** With them. @throws {Problem} as formatOf; those of the classes */
export function boundFormatOf(task: SpokenTask): TaskFormat {
  const format = formatOf(task);
  return format.anyClasses === undefined || task.labels === null ? format : format.anyClasses.forLabels(task.labels);
}

/** @throws {Problem} `run-config-invalid` */
export function taskOfRun(run: Run): SpokenTask {
  const { labels, pvp } = readRunConfig(run);
  return { format: run.task, labels, pvp };
}

/** What the run's model says for each class, in class-id order; null for open answers. @throws {Problem} as boundFormatOf */
export function wordsOf(run: Run): readonly string[] | null {
  return boundFormatOf(taskOfRun(run)).labels;
}

/** The classes that the data decided, for telling runs apart: a verbalizer's words are its own, words that a person typed are the classes'. */
export function classesOf(run: Run): readonly string[] | null {
  const { labels, pvp } = readRunConfig(run);
  const hasVerbalizer = (pvp?.pvp.verbalizer ?? null) !== null;
  return labels?.map(({ value, word }) => (hasVerbalizer || value === word ? value : `${value}=${word}`)) ?? null;
}

/** As a worker is told of it. */
export function taskForWorker({ format, labels, pvp }: SpokenTask): TrainJob['task'] {
  return { format, labels: labels === null ? null : [...labels], ...(pvp === null ? {} : { pvp: pvp.pvp }) };
}

/**
 * Settings that a pattern decides: a prompt has the rows of its soft slots.
 * @param settings complete; `given` are the assignments that a person typed.
 * @throws {Problem} `prompt-length-of-pattern` where another length was typed, `soft-slots-without-prompt` for a method without one and
 * slots that begin from no text
 */
export function settleSlots(method: AnyMethod, { pvp, settings, given }: { pvp: UsedPvp | null; settings: JsonObject; given: readonly string[] }): JsonObject {
  const slots = pvp === null ? [] : softSlotsOf(pvp.pvp);
  if (pvp === null || slots.length === 0) return settings;
  if (method.trains !== 'prompt') {
    if (slots.every(({ from }) => from !== null)) return settings;
    throw slotsWithoutPrompt(method.id, pvp);
  }
  const rows = slots.reduce((sum, slot) => sum + slot.rows, 0);
  if (given.some((assignment) => /^\s*promptLength\s*=/.test(assignment)) && settings['promptLength'] !== rows) {
    throw new Problem({
      code: 'prompt-length-of-pattern',
      found: `promptLength=${String(settings['promptLength'])} beside the pattern ${pvp.pvp.id}, whose soft slots have ${rows} rows`,
      expected: 'a prompt that fills the slots',
      action: 'Leave promptLength out, or change the rows in the pattern: {{ soft(20) }}.',
    });
  }
  return { ...settings, promptLength: rows };
}

function slotsWithoutPrompt(method: string, { pvp }: UsedPvp): Problem {
  return new Problem({
    code: 'soft-slots-without-prompt',
    found: `${method}, which trains no prompt, and the pattern ${pvp.id} with soft slots`,
    expected: 'a pattern of words alone, or soft slots that begin from a text: {{ soft(20, "text") }}; the text then stands in their place',
    action: 'Choose the hard pattern of the task, or prompt-tuning.',
  });
}
