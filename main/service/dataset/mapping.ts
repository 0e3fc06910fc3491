/**
 * Which column is which. Stored rows carry the names that the chosen task format reads; a column that a format understands under its own
 * name keeps it. What was settled once for columns of the same names is remembered.
 */
import { createHash } from 'node:crypto';
import type { ColumnMapping, DatasetPreview } from '../../contract/api/datasets.ts';
import { columnMappingSchema } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import type { DatasetColumn } from '../../store/datasets-table.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { DataRow, DataSample, FieldRole, TaskFormat } from '../../task/format.ts';
import { detectFormat, findFormat } from '../../task/index.ts';
import { keysInFileOrder } from '../../task/reading/exact-json.ts';

export interface SettledMapping {
  mapping: ColumnMapping;
  origin: DatasetPreview['origin'];
  alternatives: readonly string[];
}

/** A label is told from a text by its length, and by how few there are. */
const longestLabel = 32;
const mostLabels = 50;
const labelName = /label|class|target|categor|sentiment|polarity|gold|answer|rating|stars|score|verdict|intent|topic/i;
const idName = /^(?:idx|id|index|guid|uuid|key|no|nr|#)$|_id$/i;
/** A second text column counts as one from this share of the first one's length. */
const secondTextShare = 0.25;

/** Equal for sources with the same columns, in whatever order and case. */
export function signatureOf(columns: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(columns.map((name) => name.normalize('NFC').toLowerCase()).toSorted())).digest('hex');
}

/**
 * The given mapping; else the one used last for these columns; else that of the format that fits; else a guess.
 * @throws {Problem} `unknown-task-format`, `mapping-invalid` for a given one
 */
export function settleMapping(sample: DataSample, { workspace, given }: { workspace: ReadableWorkspace | null; given: ColumnMapping | null }): SettledMapping {
  if (given !== null) {
    checkMapping(given, sample.fields);
    // A format alone reads the columns by their own names.
    const bare = given.format === null || given.columns.length > 0 ? null : findFormat(given.format);
    return { mapping: bare === null ? given : mappingOf(bare, sample.fields), origin: 'given', alternatives: [] };
  }
  const signature = signatureOf(sample.fields);
  const remembered = workspace?.datasets.listMappings().find((saved) => saved.signature === signature);
  const mapping = columnMappingSchema.safeParse(remembered?.mapping).data;
  if (mapping !== undefined && isUsable(mapping, sample.fields)) return { mapping, origin: 'remembered', alternatives: [] };
  const { format, alternatives } = detectFormat(sample);
  if (format !== null) return { mapping: mappingOf(format, sample.fields), origin: 'format', alternatives };
  const guess = guessMapping(sample);
  return guess === null ? { mapping: { format: null, columns: [] }, origin: 'none', alternatives: [] } : { mapping: guess, origin: 'guess', alternatives: [] };
}

function isUsable(mapping: ColumnMapping, fields: readonly string[]): boolean {
  try {
    checkMapping(mapping, fields);
    return true;
  } catch {
    return false;
  }
}

function checkMapping({ format, columns }: ColumnMapping, fields: readonly string[]): void {
  const roles = format === null ? [] : findFormat(format).roles.map(({ names }) => names[0]);
  for (const [index, { column, role }] of columns.entries()) {
    if (!fields.includes(column)) throw mappingInvalid(`no column ${JSON.stringify(column.slice(0, 80))}`, `one of ${fields.slice(0, 12).join(', ')}`);
    if (!roles.includes(role)) throw mappingInvalid(`the role ${JSON.stringify(role.slice(0, 80))}`, format === null ? 'none without a task format' : `one of ${roles.join(', ')}, which ${format} reads`);
    const twice = columns.findIndex((other) => other.column === column || other.role === role);
    if (twice !== index) throw mappingInvalid(`the column ${JSON.stringify(column)} or the role ${role} twice`, 'one column a role and one role a column');
  }
}

function mappingInvalid(found: string, expected: string): Problem {
  return new Problem({ code: 'mapping-invalid', found, expected, action: 'Correct the mapping of the columns.' });
}

/** What a format understands by the columns' own names. */
function mappingOf(format: TaskFormat, fields: readonly string[]): ColumnMapping {
  const columns = format.roles.flatMap((role) => {
    const column = findColumn(role, fields);
    return column === null ? [] : [{ column, role: role.names[0] }];
  });
  return { format: format.id, columns: columns.filter(({ column }, index) => columns.findIndex((other) => other.column === column) === index) };
}

function findColumn({ names }: FieldRole, fields: readonly string[]): string | null {
  for (const name of names) {
    const found = fields.find((field) => field === name) ?? fields.find((field) => field.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

interface ColumnFacts {
  name: string;
  texts: string[];
  distinct: number;
  meanLength: number;
}

/** One or two texts and a label, told by their names, lengths and repetition; null where there is no such pair. */
function guessMapping({ fields, rows }: DataSample): ColumnMapping | null {
  const facts = fields.map((name): ColumnFacts => {
    const texts = rows.flatMap(({ values }) => {
      const value = values[name];
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
    });
    return { name, texts, distinct: new Set(texts).size, meanLength: texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length) };
  });
  const label = facts.filter((column) => isLabelLike(column, rows.length)).toSorted((left, right) => Number(labelName.test(right.name)) - Number(labelName.test(left.name)) || left.distinct - right.distinct)[0];
  const texts = facts.filter((column) => column !== label && isTextLike(column)).toSorted((left, right) => right.meanLength - left.meanLength);
  const [first, second] = texts;
  if (label === undefined || first === undefined) return null;
  const isPair = second !== undefined && second.meanLength >= first.meanLength * secondTextShare;
  const chosen = isPair ? fields.filter((name) => name === first.name || name === second.name) : [first.name];
  const format = findFormat(isPair ? 'pair' : 'classification');
  const roleNames = format.roles.map(({ names }) => names[0]);
  return {
    format: format.id,
    columns: [...chosen.map((column, index) => ({ column, role: roleNames[index] ?? '' })), { column: label.name, role: roleNames.at(-1) ?? '' }],
  };
}

function isLabelLike({ name, texts, distinct }: ColumnFacts, rows: number): boolean {
  if (texts.length === 0 || idName.test(name) || distinct < 2 || distinct > mostLabels) return false;
  if (texts.some((text) => text.length > longestLabel)) return false;
  return labelName.test(name) || distinct <= Math.max(2, rows / 2);
}

function isTextLike({ name, texts, distinct, meanLength }: ColumnFacts): boolean {
  return !idName.test(name) && meanLength >= 4 && distinct > 1 && texts.some((text) => /\p{L}/u.test(text)) && !texts.every((text) => /^\w+:\/\//.test(text));
}

/** The columns of a split as they appear, and the names under which they are stored. */
export class ColumnRegistry {
  readonly #assigned: ReadonlyMap<string, string>;
  readonly #taken: Set<string>;
  readonly #columns = new Map<string, string>();
  readonly #changed = new Map<string, string>();

  constructor({ format, columns }: ColumnMapping) {
    const roles = format === null ? [] : findFormat(format).roles;
    this.#assigned = new Map(columns.map(({ column, role }) => {
      const names = roles.find(({ names: [canonical] }) => canonical === role)?.names ?? [role];
      return [column, names.some((name) => name.toLowerCase() === column.toLowerCase()) ? column : role];
    }));
    this.#taken = new Set(this.#assigned.values());
  }

  /** In order of first appearance. */
  get columns(): DatasetColumn[] {
    return [...this.#columns].map(([source, name]) => ({ source, name }));
  }

  /** Source name → stored name, only where they differ: most mappings change nothing. */
  get changed(): ReadonlyMap<string, string> {
    return this.#changed;
  }

  /** Takes note of a row's columns. */
  see(row: DataRow): void {
    for (const key of Object.keys(row.values)) {
      if (!this.#columns.has(key)) return this.add(keysInFileOrder(row));
    }
  }

  /** @param names in the order of the source. A free column that would stand in a role's way steps aside. */
  add(names: readonly string[]): void {
    for (const source of names) {
      if (this.#columns.has(source)) continue;
      let name = this.#assigned.get(source) ?? source;
      while (!this.#assigned.has(source) && this.#taken.has(name)) name += ' (column)';
      this.#taken.add(name);
      this.#columns.set(source, name);
      if (name !== source) this.#changed.set(source, name);
    }
  }
}

/** A row under other names; columns that are not named keep theirs. */
export function renameValues(values: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  return names.size === 0 ? values : Object.fromEntries(Object.entries(values).map(([key, value]) => [names.get(key) ?? key, value]));
}

/** The row as the format is to see it. */
export function renameRow(row: DataRow, names: ReadonlyMap<string, string>): DataRow {
  return names.size === 0 ? row : { index: row.index, line: row.line, values: renameValues(row.values, names) };
}
