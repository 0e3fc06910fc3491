/** What is wrong with a pattern-verbalizer pair, or good to know, before anything is trained. */
import { Problem } from '../../contract/problem.ts';
import type { Pvp, Verbalizer } from '../../contract/pvp.ts';
import type { PvpFinding } from '../../contract/pvp-finding.ts';
import { findFormat } from '../../task/index.ts';
import { parsePattern, type ParsedPattern } from '../../task/pattern/parse.ts';
import { checkVerbalizer } from '../../task/pattern/verbalizer.ts';
import { findCloseMatch } from '../close-match.ts';
import type { Speech } from './speech.ts';

export interface CheckRequest {
  format: string;
  /** Of a format for any classes, as the file writes them; null where they are not known. */
  labels: readonly string[] | null;
  pvp: Pvp;
  /** Null leaves out what depends on a tokenizer. */
  speech: Speech | null;
  /** Of the data; null where there are none yet. */
  fields: readonly string[] | null;
}

export interface PvpCheck {
  /** The worst first. */
  findings: PvpFinding[];
  /** Null where the pattern cannot be read. */
  facts: Pick<ParsedPattern, 'hasAnswerSlot' | 'hasTarget'> & { softRows: number[]; fields: string[] } | null;
  /** Of every word, as the model says it; null without a tokenizer, or where there are no words. */
  pieces: { label: string; word: string; pieces: string[] }[] | null;
}

/** Longer prompts help no more, and hurt large models (Lester et al. 2021, §3.2: 20 to 100). */
const longPrompt = 150;
const severities = ['error', 'warning', 'note'] as const;

/** @throws {Problem} `unknown-task-format` */
export function checkPvp(request: CheckRequest): PvpCheck {
  const format = findFormat(request.format);
  const labels = format.anyClasses === undefined ? format.labels : request.labels;
  const isOpen = format.labels === null;
  const verbalizer = spokenVerbalizer(request.pvp, { labels, isOpen });
  const { pattern, findings } = readPattern(request.pvp.pattern.template);
  const all = [
    ...findings,
    ...(pattern === null ? [] : [...checkFields(pattern, request.fields), ...checkSlots(pattern, request.speech)]),
    ...(isOpen && request.pvp.verbalizer !== null ? [verbalizerOfOpenTask] : []),
    ...(verbalizer === null ? [] : checkVerbalizer(verbalizer, labels, request.speech?.tokenizer ?? null)),
  ];
  return {
    findings: all.toSorted((left, right) => severities.indexOf(left.severity) - severities.indexOf(right.severity)),
    facts: pattern === null ? null : { softRows: [...pattern.softRows], hasAnswerSlot: pattern.hasAnswerSlot, hasTarget: pattern.hasTarget, fields: [...pattern.fields] },
    pieces: verbalizer === null || request.speech === null ? null : splitWords(verbalizer, request.speech),
  };
}

function readPattern(template: string): { pattern: ParsedPattern | null; findings: PvpFinding[] } {
  try {
    return { pattern: parsePattern(template), findings: [] };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { line, column } = thrown.place;
    const place = line === undefined ? null : { line, column: column ?? 1 };
    const words = place === null ? '' : ` (line ${place.line}, column ${place.column})`;
    return { pattern: null, findings: [{ ...finding(thrown.code, 'error', `Found ${thrown.found}${words}; expected ${thrown.expected}.`, thrown.action), place }] };
  }
}

function checkFields({ fields }: ParsedPattern, known: readonly string[] | null): PvpFinding[] {
  if (fields.length === 0) {
    return [finding('pattern-without-fields', 'warning', 'The pattern names no field: every row says the same.', 'Name a field, such as {{ sentence }}.')];
  }
  if (known === null) return [];
  return fields.filter((field) => !known.includes(field)).map((field) => {
    const close = findCloseMatch(field, known);
    return finding('field-unknown', 'warning', `The data have no field ${JSON.stringify(field)}; they have ${known.slice(0, 20).join(', ')}.`,
      close === null ? 'Name one of these, or ask first: {% if … is defined %}.' : `Did you mean ${close}?`);
  });
}

function checkSlots({ softRows, hasAnswerSlot, nodes }: ParsedPattern, speech: Speech | null): PvpFinding[] {
  const rows = softRows.reduce((sum, one) => sum + one, 0);
  const findings: PvpFinding[] = [];
  if (softRows.length === 0) findings.push(finding('prompt-in-front', 'note', 'The pattern has no soft slot: a tuned prompt stands in front.', 'Nothing, or place it with {{ soft(20) }}.'));
  if (rows > longPrompt) findings.push(finding('prompt-long', 'warning', `The soft slots have ${rows} rows; more than 100 seldom help.`, 'Take fewer rows.'));
  if (!hasAnswerSlot) findings.push(finding('answer-at-end', 'note', 'The pattern has no answer slot: the answer follows the text.', 'Nothing, or place it with {{ answer }}.'));
  if (hasAnswerSlot && speech?.convention === 'lm-adapted') {
    findings.push(finding('answer-slot-unwritten', 'note', 'This model answers without a sentinel: nothing is written at the answer slot.', 'Nothing; models of span corruption read <extra_id_0> there.'));
  }
  for (const node of nodes) {
    if (node.kind !== 'soft' || node.from === null || speech === null) continue;
    const tokens = speech.tokenizer.encode(node.from).length;
    if (tokens === node.rows) continue;
    findings.push(finding('soft-text-length', 'note', `${JSON.stringify(node.from.slice(0, 60))} has ${tokens} tokens for ${node.rows} rows: it is ${tokens > node.rows ? 'cut' : 'repeated'}.`,
      `Nothing, or take soft(${tokens}, …).`));
  }
  return findings;
}

/** The words that a run would use: the pair's, else the labels themselves. */
function spokenVerbalizer({ verbalizer }: Pvp, { labels, isOpen }: { labels: readonly string[] | null; isOpen: boolean }): Verbalizer | null {
  if (isOpen) return null;
  const own = labels === null || labels.length === 0 ? null : { labels: labels.map((label) => ({ label, words: [label] })) };
  return verbalizer ?? own;
}

function splitWords({ labels }: Verbalizer, { tokenizer }: Speech): NonNullable<PvpCheck['pieces']> {
  return labels.flatMap(({ label, words }) => words.map((word) => ({ label, word, pieces: [...tokenizer.pieces(tokenizer.encode(word.trim()))] })));
}

function finding(code: string, severity: PvpFinding['severity'], message: string, action: string): PvpFinding {
  return { code, severity, message, action, label: null, place: null };
}

const verbalizerOfOpenTask = finding('verbalizer-open-task', 'error', 'The answers of this task are open; it has no labels that words could stand for.', 'Leave the verbalizer out.');
