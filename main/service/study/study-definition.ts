/** What a study is made of, complete and checked: everything that decides its results, so that it can go on and be told from another. */
import { isDeepStrictEqual } from 'node:util';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Problem, toProblem } from '../../contract/problem.ts';
import { usedPvpSchema } from '../../contract/pvp.ts';
import { parseObjectHash } from '../../store/identifiers.ts';
import type { StudyRow } from '../../store/studies-table.ts';
import { getPresentModel, hashTokenizer } from '../model-location.ts';
import type { Workspace } from '../../store/workspace.ts';
import { findMethod } from '../../method/index.ts';
import { choosePvp } from '../pvp-reference.ts';
import { settleSlots } from '../run-task.ts';
import { findBuiltInTask, resolveModelName, type ModelLookup } from '../built-in.ts';
import type { StudyFile } from './study-file.ts';
import { describeTask } from './study-task.ts';

const scoresSchema = z.record(z.string(), z.number());
const inputSchema = z.object({
  role: z.enum(['train', 'dev', 'test']), path: z.string(), sha256: z.string().transform(parseObjectHash), rowCount: z.int(),
});
const taskSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** A task format's id. */
  format: z.string(),
  labels: z.array(z.object({ value: z.string(), word: z.string() })).nullable(),
  /** How rows become text and which word says which class; null for the format's own form. */
  pvp: usedPvpSchema.nullable().default(null),
  /** Whether answers are texts and not labels. */
  isOpen: z.boolean(),
  metrics: z.array(z.string()),
  inputs: z.array(inputSchema),
  examples: z.object({ train: z.int(), dev: z.int(), test: z.int() }),
  /** The scores of always giving one answer, the best on the training file; null for open answers and absent files. */
  majority: z.object({ dev: scoresSchema.nullable(), test: scoresSchema.nullable() }),
});
const definitionSchema = z.object({
  model: z.object({ name: z.string(), fingerprint: z.string(), parameterCount: z.int(), tokenizerSha256: z.string() }),
  tasks: z.array(taskSchema),
  methods: z.array(z.object({ id: z.string(), title: z.string(), method: z.string(), settings: z.record(z.string(), z.unknown()), seeds: z.array(z.int()) })),
  fewShot: z.object({ examples: z.int(), dataSeed: z.int() }).nullable(),
  together: z.boolean(),
  ensemble: z.boolean(),
});

export type StudyDefinition = z.infer<typeof definitionSchema>;
export type DefinedTask = StudyDefinition['tasks'][number];
export type DefinedMethod = StudyDefinition['methods'][number];

/** @throws {Problem} `study-definition-invalid` */
export function readDefinition({ name, definition }: Pick<StudyRow, 'name' | 'definition'>): StudyDefinition {
  const parsed = definitionSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  throw new Problem({
    code: 'study-definition-invalid',
    kind: 'failure',
    found: `study ${name} with a ${parsed.error.issues[0]?.path.join('.') || 'definition'} that cannot be read`,
    expected: 'a study that this Souffleur wrote',
    action: 'The workspace was changed by another program or is damaged; put back a copy of it.',
  });
}

/**
 * Reads every data file through, and adds a built-in model to the workspace when it is the first time.
 * @throws {Problem} of the model, the files and the labels
 */
export async function defineStudy(workspace: Workspace, file: StudyFile, lookup: ModelLookup = {}): Promise<StudyDefinition> {
  const model = getPresentModel(workspace, await resolveModelName(workspace, file.model, lookup));
  const tasks: DefinedTask[] = [];
  for (const entry of file.tasks) {
    if ('builtIn' in entry) {
      const { title, format, files } = findBuiltInTask(entry.builtIn, entry.place);
      tasks.push(await describeTask({ id: entry.id, title, files, ...await chooseTaskPvp(workspace, entry, { format, labels: null }) }));
    } else {
      tasks.push(await describeTask({ ...entry, ...await chooseTaskPvp(workspace, entry, entry) }));
    }
  }
  for (const task of tasks) requireFittingMethods(task, file.methods);
  return {
    model: { name: model.name, fingerprint: model.fingerprint, parameterCount: model.parameterCount, tokenizerSha256: await hashTokenizer(model) },
    tasks,
    methods: file.methods.map(({ id, title, method, settings, seeds }) => ({ id, title: title ?? findMethod(method).title, method, settings: { ...settings }, seeds: [...seeds] })),
    fewShot: file.fewShot,
    together: file.together,
    ensemble: file.ensemble,
  };
}

type TaskSpeech = Pick<Parameters<typeof describeTask>[0], 'format' | 'labels' | 'pvp'>;

/** @throws {Problem} as choosePvp, with the line of the task */
async function chooseTaskPvp(
  workspace: Workspace, { pvp, place }: StudyFile['tasks'][number], { format, labels }: Pick<TaskSpeech, 'format' | 'labels'>,
): Promise<TaskSpeech> {
  if (pvp === null) return { format, labels, pvp };
  try {
    return await choosePvp(workspace, { text: pvp, folder: dirname(place.file ?? '') }, { format, labels });
  } catch (thrown) {
    const { code, kind, found, expected, action, place: own } = toProblem(thrown);
    throw new Problem({ code, kind, found, expected, action, place: own.file === undefined ? place : own, cause: thrown });
  }
}

/** Before the first run: a method may have no use for a pattern's soft slots. @throws {Problem} `soft-slots-without-prompt` */
function requireFittingMethods({ pvp }: DefinedTask, methods: StudyFile['methods']): void {
  for (const { method, settings } of methods) settleSlots(findMethod(method), { pvp, settings: { ...settings }, given: [] });
}

/**
 * What differs in the results that two definitions lead to; titles, the place of files and how runs are trained do not.
 * @returns sentences without a full stop, `method pt: steps was 500 and is 600`; empty for the same study
 */
export function describeChanges(before: StudyDefinition, after: StudyDefinition): string[] {
  return [
    ...(before.model.fingerprint === after.model.fingerprint ? [] : [`the model was ${nameModel(before)} and is ${nameModel(after)}`]),
    ...(before.model.tokenizerSha256 === after.model.tokenizerSha256 ? [] : ['the model’s tokenizer has changed']),
    ...compareValues('few-shot', fewShotText(before), fewShotText(after)),
    ...compareLists('task', before.tasks, after.tasks, compareTasks),
    ...compareLists('method', before.methods, after.methods, compareMethods),
  ];
}

function fewShotText({ fewShot }: StudyDefinition): string {
  return fewShot === null ? '' : `${fewShot.examples} examples with data seed ${fewShot.dataSeed}`;
}

function nameModel({ model }: StudyDefinition): string {
  return `${model.name} (${model.fingerprint.slice(0, 12)})`;
}

function compareLists<Entry extends { id: string }>(noun: string, before: readonly Entry[], after: readonly Entry[], compare: (before: Entry, after: Entry) => string[]): string[] {
  const isIn = (list: readonly Entry[]) => ({ id }: Entry) => list.some((entry) => entry.id === id);
  return [
    ...before.filter((entry) => !isIn(after)(entry)).map(({ id }) => `${noun} ${id} is gone`),
    ...after.filter((entry) => !isIn(before)(entry)).map(({ id }) => `${noun} ${id} is new`),
    ...before.flatMap((entry) => {
      const counterpart = after.find(({ id }) => id === entry.id);
      return counterpart === undefined ? [] : compare(entry, counterpart).map((change) => `${noun} ${entry.id}: ${change}`);
    }),
  ];
}

function compareTasks(before: DefinedTask, after: DefinedTask): string[] {
  const hashOf = ({ inputs }: DefinedTask, role: string): string | undefined => inputs.find((input) => input.role === role)?.sha256;
  return [
    ...compareValues('format', before.format, after.format),
    ...compareValues('labels', labelText(before), labelText(after)),
    ...comparePvps(before, after),
    ...['train', 'dev', 'test'].filter((role) => hashOf(before, role) !== hashOf(after, role)).map((role) => {
      if (hashOf(before, role) === undefined) return `its ${role} file is new`;
      return hashOf(after, role) === undefined ? `its ${role} file is gone` : `its ${role} file has other content`;
    }),
  ];
}

function comparePvps({ pvp: before }: DefinedTask, { pvp: after }: DefinedTask): string[] {
  if (isDeepStrictEqual(before?.pvp.pattern, after?.pvp.pattern) && isDeepStrictEqual(before?.pvp.verbalizer, after?.pvp.verbalizer)) return [];
  if (before?.pvp.id === after?.pvp.id) return [`its pattern ${after?.pvp.id ?? ''} has another template or other words`];
  return compareValues('pvp', before?.pvp.id, after?.pvp.id);
}

function labelText({ labels }: DefinedTask): string {
  return labels?.map(({ value, word }) => `${value}=${word}`).join(', ') ?? '';
}

function compareMethods(before: DefinedMethod, after: DefinedMethod): string[] {
  const keys = [...new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])];
  return [
    ...compareValues('method', before.method, after.method),
    ...keys.flatMap((key) => compareValues(key, before.settings[key], after.settings[key])),
    ...compareValues('seeds', before.seeds.join(', '), after.seeds.join(', ')),
  ];
}

function compareValues(name: string, before: unknown, after: unknown): string[] {
  return isDeepStrictEqual(before, after) ? [] : [`${name} was ${valueText(before)} and is ${valueText(after)}`];
}

function valueText(value: unknown): string {
  return value === undefined || value === '' ? 'not set' : String(value);
}
