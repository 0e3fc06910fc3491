/** Labels as published files write them: a name, an index, a boolean, or any of these as a text. */
import { fieldsOf } from './define-format.ts';
import type { DataRow, DataSample, TaskDraft } from './format.ts';
import { type FieldNames, readField, readId, readText, rowProblem, shown } from './fields.ts';
import { joinFields } from './text.ts';

/** A label field and its classes. */
export interface LabelRule {
  names: readonly string[];
  /** Target texts in class-id order. */
  labels: readonly string[];
}

/** Test files of GLUE write -1, SNLI writes `-`, SuperGLUE leaves the field out. */
export function isUnlabeled(value: unknown): boolean {
  if (value === undefined || value === null || value === -1) return true;
  return typeof value === 'string' && ['', '-', '-1'].includes(value.trim());
}

/**
 * The class id of a label value, or null when it is no label of these.
 * Booleans stand for `False`, `True`; a number or a text of digits is a class id; case counts except for true and false.
 */
function classIdOf(value: unknown, labels: readonly string[]): number | null {
  if (typeof value === 'boolean') return isBooleanSet(labels) ? Number(value) : null;
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value < labels.length ? value : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const named = labels.indexOf(text);
  if (named !== -1) return named;
  if (isBooleanSet(labels) && /^(true|false)$/i.test(text)) return Number(text.toLowerCase() === 'true');
  return /^\d{1,9}$/.test(text) && Number(text) < labels.length ? Number(text) : null;
}

function isBooleanSet(labels: readonly string[]): boolean {
  return labels.length === 2 && labels[0] === 'False' && labels[1] === 'True';
}

/**
 * The class id in the row's label field; null for a row without a label.
 * @throws {Problem} `label-not-allowed`.
 */
export function readLabel(row: DataRow, rule: LabelRule): number | null {
  return requireLabel(row, readField(row, rule.names), rule.labels);
}

/** As readLabel, for a value that lies deeper in the row. */
export function requireLabel(row: DataRow, value: unknown, labels: readonly string[]): number | null {
  if (isUnlabeled(value)) return null;
  const classId = classIdOf(value, labels);
  if (classId !== null) return classId;
  throw rowProblem(row, 'label-not-allowed', {
    found: `the label ${shown(value)}`,
    expected: `one of ${labels.map((label, index) => `${label} (${index})`).join(', ')}`,
    action: 'Correct the label, or choose the task format that fits the file.',
  });
}

/**
 * How well the sample fits a flat format: 0 without its fields, else the share of rows whose label is legal or absent.
 * @param required one list of names per field.
 */
export function fitFields(sample: DataSample, required: readonly (readonly string[])[], rule: LabelRule): number {
  const present = new Set(sample.fields.map((name) => name.toLowerCase()));
  const hasAll = required.every((names) => names.some((name) => present.has(name.toLowerCase())));
  return hasAll ? labelShare(sample, rule) : 0;
}

/** The share of the sample's rows whose label is legal or absent; 0 without rows. */
export function labelShare(sample: DataSample, rule: LabelRule): number {
  if (sample.rows.length === 0) return 0;
  const values = sample.rows.map((row) => readField(row, rule.names));
  const legal = values.filter((value) => isUnlabeled(value) || classIdOf(value, rule.labels) !== null);
  return legal.length / sample.rows.length;
}

/** Whether the sample's labels say a class by name (`entailment`) or by a boolean; a bare number could be any task's. */
export function namesLabels(sample: DataSample, rule: LabelRule): boolean {
  return sample.rows.some((row) => {
    const value = readField(row, rule.names);
    return typeof value === 'boolean' || (typeof value === 'string' && rule.labels.includes(value.trim()));
  });
}

/**
 * The example of a row whose input is its text fields and whose target is the text of its class.
 * @param fields one list of names per field, in the order of the input; the first name of each is its key there.
 * @throws {Problem} as readLabel and readText.
 */
export function readFlatExample(row: DataRow, fields: readonly FieldNames[], rule: LabelRule): TaskDraft {
  const label = readLabel(row, rule);
  const texts = fields.map((names) => [names[0], readText(row, names)] as const);
  return {
    id: readId(row),
    input: joinFields(texts),
    fields: fieldsOf(row, Object.fromEntries(texts), rule.names),
    target: label === null ? null : (rule.labels[label] ?? null),
    label,
    group: null,
    answers: [],
    line: row.line,
  };
}
