/** Names of things in a workspace, branded so that one cannot stand where another belongs. */
import { Problem } from '../contract/problem.ts';

declare const brand: unique symbol;
interface Branded<Name extends string> {
  readonly [brand]: Name;
}

/** `r0001`, `r0002`, …: short enough to type, in order of creation, never given twice in a workspace. */
export type RunId = string & Branded<'RunId'>;
export type ModelName = string & Branded<'ModelName'>;
/** `p0001`, `p0002`, …: an imported pack, as runs are named. */
export type PackId = string & Branded<'PackId'>;
/** SHA-256 of the content, 64 lower-case hexadecimal digits. */
export type ObjectHash = string & Branded<'ObjectHash'>;

const longestModelName = 100;

/**
 * Reads a run id as a person types it: `r0007`, `r7` and `R7` are the same run.
 * @throws {Problem} `run-id-invalid`
 */
export function parseRunId(text: string): RunId {
  const number = Number(/^r(\d{1,15})$/i.exec(text.trim())?.[1] ?? Number.NaN);
  if (Number.isNaN(number) || number === 0) {
    throw new Problem({
      code: 'run-id-invalid',
      found: `${quote(text)} as a run`,
      expected: 'a run id such as r0001',
      action: 'List the runs to see their ids.',
    });
  }
  return runIdOf(number);
}

/** @param number the key of the runs table, from 1. */
export function runIdOf(number: number): RunId {
  return `r${String(number).padStart(4, '0')}` as RunId;
}

/** @returns the key of the runs table. */
export function runNumberOf(id: RunId): number {
  return Number(id.slice(1));
}

/** @returns null for a text that is no pack's id, such as a path; `p0007`, `p7` and `P7` are the same pack. */
export function parsePackId(text: string): PackId | null {
  const number = Number(/^p(\d{1,15})$/i.exec(text.trim())?.[1] ?? Number.NaN);
  return Number.isNaN(number) || number === 0 ? null : packIdOf(number);
}

/** @param number the key of the packs table, from 1. */
export function packIdOf(number: number): PackId {
  return `p${String(number).padStart(4, '0')}` as PackId;
}

/** @returns the key of the packs table. */
export function packNumberOf(id: PackId): number {
  return Number(id.slice(1));
}

/**
 * A model name is typed on a command line and shown in tables: letters and digits of any script, and `. _ - /` between them.
 * @throws {Problem} `model-name-invalid`
 */
export function parseModelName(text: string): ModelName {
  const name = text.normalize('NFC');
  if (name.length <= longestModelName && /^[\p{L}\p{M}\p{N}]+(?:[._\-/]+[\p{L}\p{M}\p{N}]+)*$/u.test(name)) return name as ModelName;
  throw new Problem({
    code: 'model-name-invalid',
    found: `${quote(text)} as a model name`,
    expected: `letters and digits with . _ - or / between them, at most ${longestModelName} characters`,
    action: 'Choose another name.',
  });
}

/**
 * Checks a hash before it becomes part of a path.
 * @throws {Problem} `object-hash-invalid`
 */
export function parseObjectHash(text: string): ObjectHash {
  if (/^[0-9a-f]{64}$/.test(text)) return text as ObjectHash;
  throw new Problem({
    code: 'object-hash-invalid',
    kind: 'failure',
    found: `${quote(text)} as the hash of an object`,
    expected: '64 lower-case hexadecimal digits (SHA-256)',
    action: 'The workspace may have been edited by hand; restore it from a copy.',
  });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
