/** A study as a person writes it: YAML, checked to the last key, with the line of whatever is wrong. */
import { dirname, resolve } from 'node:path';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { Problem, type ProblemPlace } from '../../contract/problem.ts';
import { findMethod } from '../../method/index.ts';
import type { JsonObject } from '../../store/json-column.ts';
import { findFormat } from '../../task/index.ts';
import { findCloseMatch } from '../close-match.ts';
import { parseSettings } from '../method-settings.ts';

export interface StudyFile {
  name: string;
  /** A model of the workspace, or `built-in` with or without `:span-corruption`. */
  model: string;
  tasks: readonly (BuiltInTaskEntry | OwnTaskEntry)[];
  methods: readonly MethodEntry[];
  /** Train on so many examples of every training file, and choose by as many others where a task has no dev file; null takes files whole. */
  fewShot: { examples: number; dataSeed: number } | null;
  /** Train the seeds of a method in shared passes where it has a prompt. */
  together: boolean;
  /** Let the prompts of a method's seeds vote. */
  ensemble: boolean;
}

interface BuiltInTaskEntry {
  id: string;
  builtIn: string;
  /** As written: a JSON file or TASK/PVP; null for the format's own text form. */
  pvp: string | null;
  /** Of the entry in the study file. */
  place: ProblemPlace;
}

/** Paths are absolute. */
interface OwnTaskEntry {
  id: string;
  title: string | null;
  format: string;
  files: { train: string; dev: string | null; test: string | null };
  labels: readonly string[] | null;
  pvp: string | null;
  /** Of the entry in the study file. */
  place: ProblemPlace;
}

interface MethodEntry {
  id: string;
  title: string | null;
  method: string;
  /** Complete. */
  settings: JsonObject;
  seeds: readonly number[];
}

/** The largest study file; a thousand times a long one. */
export const largestStudyFileBytes = 1024 * 1024;

// An issue's message is what was expected: the sentence around it is made in one place.
const nameRule = 'a name of letters, digits and . _ - between them, at most 60 characters';
const name = z.string({ error: nameRule }).regex(/^[\p{L}\p{N}]+(?:[._-]+[\p{L}\p{N}]+)*$/u, { error: nameRule }).max(60, { error: nameRule });
const text = (what: string) => z.string({ error: what }).min(1, { error: what });
const seedRule = 'a list of different whole numbers from 0 to 4294967295';
const seeds = z.array(z.int({ error: seedRule }).min(0, { error: seedRule }).max(2 ** 32 - 1, { error: seedRule }), { error: seedRule })
  .min(1, { error: seedRule }).max(1000, { error: 'at most 1000 seeds' })
  .refine((list) => new Set(list).size === list.length, { error: seedRule });
const setting = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' });
const flag = z.boolean({ error: 'true or false' });
const listOf = <Item extends z.ZodType>(item: Item, rule: string) => z.array(item, { error: rule }).min(1, { error: rule }).max(200, { error: 'at most 200 entries' });

const pvp = text('a pattern: a JSON file, or TASK/PVP of the task library');
const builtInTask = z.strictObject({ 'built-in': text('the name of a built-in task, such as rte'), id: name.optional(), pvp: pvp.optional() }, { error: 'keys and values' });
const ownTask = z.strictObject({
  id: name,
  title: text('a text').optional(),
  format: text('a task format, such as rte'),
  train: text('a file'),
  dev: text('a file').optional(),
  test: text('a file').optional(),
  labels: z.array(z.union([z.string(), z.number(), z.boolean()], { error: 'a label' }).transform(String), { error: 'a list of labels, word or value=word each' }).optional(),
  pvp: pvp.optional(),
}, { error: '“built-in: NAME”, or id, format, train, dev and test' });
const method = z.strictObject({
  id: name.optional(),
  title: text('a text').optional(),
  method: text('a method, such as prompt-tuning'),
  settings: z.record(z.string(), setting, { error: 'settings, key: value each' }).default({}),
  seeds: seeds.optional(),
}, { error: 'id, method, settings and seeds' });
const fewShot = z.strictObject({
  examples: z.int({ error: 'a whole number of at least 1' }).min(1, { error: 'a whole number of at least 1' }),
  // The first of PPT's seeds.
  'data-seed': z.int({ error: 'a whole number from 0 to 4294967295' }).min(0, { error: 'a whole number from 0 to 4294967295' }).max(2 ** 32 - 1, { error: 'a whole number from 0 to 4294967295' }).default(10),
}, { error: 'examples and data-seed' });
const top = z.strictObject({
  name,
  model: text('a model of the workspace, or built-in'),
  tasks: listOf(z.unknown(), 'a list of at least one task'),
  methods: listOf(method, 'a list of at least one method'),
  seeds: seeds.optional(),
  'few-shot': fewShot.optional(),
  together: flag.default(true),
  ensemble: flag.default(true),
}, { error: 'a study: name, model, tasks, methods and seeds' });

type Path = readonly PropertyKey[];

/**
 * @param bytes of the file; `file` is its absolute path, which relative paths inside start from.
 * @throws {Problem} `study-file-not-utf8`, `study-file-yaml`, `study-file-key` (with a close match), `study-file-value`,
 * `study-file-repeated`, and those of findMethod and parseSettings; all with the line
 */
export function parseStudyFile(bytes: Uint8Array, file: string): StudyFile {
  const source = openSource(bytes, file);
  const study = check(top, source.value, { source, path: [] });
  const tasks = study.tasks.map((entry, index) => readTask(entry, { source, path: ['tasks', index], folder: dirname(file) }));
  const methods = study.methods.map((entry, index) => readMethod(entry, { source, path: ['methods', index], folder: dirname(file), seeds: study.seeds }));
  requireDifferent(tasks, { source, list: 'tasks' });
  requireDifferent(methods, { source, list: 'methods' });
  const shots = study['few-shot'];
  return {
    name: study.name, model: study.model, tasks, methods,
    fewShot: shots === undefined ? null : { examples: shots.examples, dataSeed: shots['data-seed'] },
    together: study.together, ensemble: study.ensemble,
  };
}

interface Source {
  value: unknown;
  place(path: Path): ProblemPlace;
}

interface Spot {
  source: Source;
  path: Path;
}

function openSource(bytes: Uint8Array, file: string): Source {
  const lines = new LineCounter();
  const document = parseYaml(decode(bytes, file), { file, lines });
  const [error] = document.errors;
  if (error !== undefined) throw notYaml(error.message, { file, line: lines.linePos(error.pos[0]).line });
  return { value: toValue(document, file), place: (path) => ({ file, ...lineOf(document, path, lines) }) };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem({
      code: 'study-file-not-utf8', found: 'a file that is not UTF-8 text', expected: 'a study file: YAML in UTF-8', action: 'Name a study file, or save it as UTF-8.', place: { file },
    });
  }
}

function parseYaml(content: string, { file, lines }: { file: string; lines: LineCounter }): Document {
  try {
    return parseDocument(content, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true, logLevel: 'error' });
  } catch (thrown) {
    // Thousands of nested brackets exhaust the parser's stack.
    throw notYaml(thrown instanceof RangeError ? 'it is nested too deeply' : String(thrown), { file });
  }
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw notYaml(thrown instanceof Error ? thrown.message : String(thrown), { file });
  }
}

/** The line of the value at the path, or of the nearest thing around it that exists; for an unknown key, of the key. */
function lineOf(document: Document, path: Path, lines: LineCounter): ProblemPlace {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length);
    const key = findKey(document, part);
    const node = key ?? document.getIn(part, true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return { line: lines.linePos(node.range[0]).line };
  }
  return {};
}

function findKey(document: Document, path: Path): unknown {
  const last = path.at(-1);
  if (typeof last !== 'string') return undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  return isMap(parent) ? parent.items.find((pair) => isNode(pair.key) && String(pair.key) === last)?.key : undefined;
}

function notYaml(message: string, place: ProblemPlace): Problem {
  return new Problem({
    code: 'study-file-yaml',
    found: `no YAML that can be read: ${message.split('\n')[0] ?? ''}`.replace(/[.:]+$/, ''),
    expected: 'a study file in YAML',
    action: 'Correct the line; docs/study.md shows whole files.',
    place,
  });
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, { source, path }: Spot): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // An unknown key first: a mistyped one is missing as well, and only the former says so.
  const issues = parsed.error.issues;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw parsed.error;
  if (issue.code === 'unrecognized_keys') throw unknownKey(issue.keys[0] ?? '', { schema, issuePath: issue.path, source, path });
  const found = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], value);
  throw new Problem({
    code: 'study-file-value',
    found: describeFound(found, [...path, ...issue.path]),
    expected: issue.message,
    action: 'Correct the line; docs/study.md shows whole files.',
    place: source.place([...path, ...issue.path]),
  });
}

function describeFound(value: unknown, path: Path): string {
  const key = path.findLast((part) => typeof part === 'string');
  const of = key === undefined ? '' : ` for “${String(key)}”`;
  if (value === undefined) return key === undefined ? 'nothing' : `no “${String(key)}”`;
  if (value === null) return `nothing${of}`;
  const shown = JSON.stringify(value) ?? typeof value;
  return `${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}${of}`;
}

function unknownKey(key: string, { schema, issuePath, source, path }: Spot & { schema: z.ZodType; issuePath: Path }): Problem {
  const known = keysOf(issuePath.length === 0 ? schema : issuePath[0] === 'methods' ? method : fewShot);
  const close = findCloseMatch(key, known);
  return new Problem({
    code: 'study-file-key',
    found: `the key “${key.slice(0, 80)}”`,
    expected: `one of ${known.join(', ')}`,
    action: close === null ? 'Choose one of these.' : `Did you mean ${close}?`,
    place: source.place([...path, ...issuePath, key]),
  });
}

function keysOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function readTask(entry: unknown, { folder, ...spot }: Spot & { folder: string }): BuiltInTaskEntry | OwnTaskEntry {
  if (typeof entry === 'object' && entry !== null && 'built-in' in entry) {
    const { 'built-in': builtIn, id, pvp: named } = check(builtInTask, entry, spot);
    return { id: id ?? builtIn, builtIn, pvp: named ?? null, place: spot.source.place([...spot.path, named === undefined ? 'built-in' : 'pvp']) };
  }
  const { id, title, format, train, dev, test, labels, pvp: named } = check(ownTask, entry, spot);
  withLine(() => findFormat(format), { source: spot.source, path: [...spot.path, 'format'] });
  const at = (path: string | undefined): string | null => (path === undefined ? null : resolve(folder, path));
  return { id, title: title ?? null, format, files: { train: resolve(folder, train), dev: at(dev), test: at(test) }, labels: labels ?? null, pvp: named ?? null, place: spot.source.place(named === undefined ? spot.path : [...spot.path, 'pvp']) };
}

function readMethod(
  entry: z.output<typeof method>,
  { source, path, folder, seeds: common }: Spot & { folder: string; seeds: readonly number[] | undefined },
): MethodEntry {
  const known = withLine(() => findMethod(entry.method), { source, path: [...path, 'method'] });
  const assignments = Object.entries(entry.settings).map(([key, value]): [string, string] => [key, key.endsWith('File') && value !== '' ? resolve(folder, String(value)) : String(value)]);
  // One by one for the line, then all together: a setting may depend on another.
  for (const [key, value] of assignments) withLine(() => parseSettings(known, [`${key}=${value}`]), { source, path: [...path, 'settings', key] });
  const settings = withLine(() => parseSettings(known, assignments.map(([key, value]) => `${key}=${value}`)), { source, path: [...path, 'settings'] });
  const own = entry.seeds ?? common;
  if (own === undefined) throw noSeeds(source.place(path));
  return { id: entry.id ?? entry.method, title: entry.title ?? null, method: known.id, settings, seeds: own };
}

function withLine<Result>(body: () => Result, { source, path }: Spot): Result {
  try {
    return body();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { code, found, expected, action } = thrown;
    throw new Problem({ code, found, expected, action: action.replace(/ with --method/, '').replace(/--set (\w+)=…/, '“$1”'), place: source.place(path), cause: thrown });
  }
}

function noSeeds(place: ProblemPlace): Problem {
  return new Problem({ code: 'study-file-value', found: 'no “seeds” for this method nor for the study', expected: seedRule, action: 'Add a line such as: seeds: [1, 2, 3, 4, 5]', place });
}

function requireDifferent(entries: readonly { id: string }[], { source, list }: { source: Source; list: string }): void {
  const seen = new Set<string>();
  for (const [index, { id }] of entries.entries()) {
    if (seen.has(id)) {
      throw new Problem({
        code: 'study-file-repeated', found: `“${id}” a second time in ${list}`, expected: 'ids that differ', action: 'Give one of them another id.', place: source.place([list, index, 'id']),
      });
    }
    seen.add(id);
  }
}
