/** A pattern's soft slots, and what takes their place where no prompt is trained. */
import type { Pvp } from '../../contract/pvp.ts';
import { parsePattern } from './parse.ts';
import type { InputPart } from './part.ts';

export interface SoftSlot {
  readonly rows: number;
  /** Whose tokens its rows begin as; null leaves that to the method. */
  readonly from: string | null;
}

/** In order of appearance, which is the order of the prompt's rows. @throws {Problem} as parsePattern */
export function softSlotsOf({ pattern }: Pick<Pvp, 'pattern'>): SoftSlot[] {
  return parsePattern(pattern.template).nodes.flatMap((node) => (node.kind === 'soft' ? [{ rows: node.rows, from: node.from }] : []));
}

/** The hard twin of an input: every soft slot is the text that it begins from, a word of its own; nothing where it begins from none. */
export function writeOutSoftSlots(parts: readonly InputPart[]): InputPart[] {
  return parts.map((part) => (part.kind === 'soft' ? { kind: 'text', text: part.from === null ? ' ' : ` ${part.from} ` } : part));
}

/** An input as a person reads it, with its answer in its place; a demonstration of prompt design. */
export function writeAnswered(parts: readonly InputPart[], answer: string): string {
  return writeOutSoftSlots(parts).map((part) => (part.kind === 'text' ? part.text : answer)).join('').trim();
}
