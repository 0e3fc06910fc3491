/** A task format that speaks as a pattern-verbalizer pair says. */
import type { Pvp } from '../../contract/pvp.ts';
import { Problem } from '../../contract/problem.ts';
import { defineFormat } from '../define-format.ts';
import type { DataRow, LabelWord, SplitUse, TaskDraft, TaskFormat } from '../format.ts';
import { rowProblem, shown } from '../fields.ts';
import { parsePattern, type ParsedPattern } from './parse.ts';
import { plainText, renderPattern } from './render.ts';
import { bindWords } from './verbalizer.ts';

/**
 * @returns the same task: same rows, ids, labels' order, groups and metrics; input (and `parts`, where the pattern has slots) from the
 * pattern, labels and targets from the verbalizer. A format for any classes stays one: `forLabels` takes the file's own values with
 * any words, and the verbalizer's words stand in their place.
 * @throws {Problem} `pattern-…` with line and column, `verbalizer-…`
 */
export function applyPattern(format: TaskFormat, pvp: Pick<Pvp, 'pattern' | 'verbalizer'>): TaskFormat {
  return applyParsed(format, parsePattern(pvp.pattern.template), pvp);
}

function applyParsed(format: TaskFormat, pattern: ParsedPattern, pvp: Pick<Pvp, 'pattern' | 'verbalizer'>): TaskFormat {
  const { anyClasses } = format;
  const isUnbound = anyClasses !== undefined;
  // The classes of an unbound format are those of a file still to be read.
  const words = isUnbound ? [] : bindWords(format.labels, pvp.verbalizer);
  return defineFormat({
    ...format,
    labels: words,
    ...otherWordsOf(pvp.verbalizer),
    drafts: (row, use) => renderDrafts(row, { format, pattern, words, use }),
    ...(anyClasses === undefined ? {} : {
      anyClasses: {
        labelOf: (row: DataRow) => anyClasses.labelOf(row),
        forLabels(found: readonly LabelWord[]) {
          const values = found.map(({ value }) => value);
          const wordOf = pvp.verbalizer === null ? found.map(({ word }) => word) : bindWords(values, pvp.verbalizer) ?? [];
          const bound = anyClasses.forLabels(values.map((value, index) => ({ value, word: wordOf[index] ?? value })));
          return defineFormat({ ...bound, ...otherWordsOf(pvp.verbalizer), drafts: (row, use) => renderDrafts(row, { format: bound, pattern, words: bound.labels, values, use }) });
        },
      },
    }),
  });
}

/** What is one label's first word is never another's further one. */
function otherWordsOf(verbalizer: Pvp['verbalizer']): Pick<TaskFormat, 'otherWords'> {
  const spoken = (verbalizer?.labels ?? []).map(({ words }) => words.map((word) => word.trim()));
  const first = new Set(spoken.map(([word]) => word));
  const others = spoken.flatMap(([word = '', ...rest]) => rest.filter((other) => other !== '' && !first.has(other)).map((other) => [other, word] as const));
  return others.length === 0 ? {} : { otherWords: new Map(others) };
}

interface Rendering {
  /** Of the drafts. */
  format: TaskFormat;
  pattern: ParsedPattern;
  /** Of the labels, in class-id order; null for open answers. */
  words: readonly string[] | null;
  /** The labels as the file writes them, where they are not the format's own. */
  values?: readonly string[];
  use: SplitUse;
}

function renderDrafts(row: DataRow, rendering: Rendering): TaskDraft[] {
  return rendering.format.drafts(row, rendering.use).map((draft) => {
    try {
      return renderDraft(row, draft, rendering);
    } catch (thrown) {
      throw thrown instanceof Problem ? withRow(thrown, row) : thrown;
    }
  });
}

function renderDraft(row: DataRow, draft: TaskDraft, { format, pattern, words, values }: Rendering): TaskDraft {
  const { label, fields, answers } = draft;
  const labelText = label === null ? null : ((values ?? format.labels)?.[label] ?? null);
  const { parts, target } = renderPattern(pattern.nodes, { fields, words, secrets: { label, label_text: labelText, answers } });
  const hasSlots = parts.some(({ kind }) => kind !== 'text');
  return { ...draft, input: plainText(parts), ...(hasSlots ? { parts } : {}), target: targetOf(row, { draft, words, written: target, hasTarget: pattern.hasTarget }) };
}

interface Target {
  draft: TaskDraft;
  words: readonly string[] | null;
  /** By the pattern. */
  written: string | null;
  hasTarget: boolean;
}

/** A label's word; what the pattern writes behind ||| must be that word, or the metrics would never find it. */
function targetOf(row: DataRow, { draft, words, written, hasTarget }: Target): string | null {
  if (draft.target === null) return null;
  const word = words === null || draft.label === null ? null : (words[draft.label] ?? null);
  if (!hasTarget) return words === null ? draft.target : word;
  if (written !== null && written !== '' && (words === null || written === word)) return written;
  throw rowProblem(row, 'pattern-target', {
    found: written === null || written === '' ? 'no target for this row' : `the target ${shown(written)}`,
    expected: word === null ? 'a text behind |||' : `${shown(word)}, the word of this row's label`,
    action: word === null ? 'Correct the pattern.' : 'Remove ||| and what follows from the pattern, and let the verbalizer say the words.',
  });
}

/** The row's line is what a person looks for in a file; where in the template is said in words. */
function withRow(problem: Problem, row: DataRow): Problem {
  const { code, kind, found, expected, action, place } = problem;
  const isTemplatePlace = place.column !== undefined && code.startsWith('pattern-');
  return new Problem({
    code, kind, expected, action,
    found: isTemplatePlace ? `${found} (pattern, line ${place.line ?? 1}, column ${place.column})` : found,
    place: { line: row.line },
    cause: problem,
  });
}
