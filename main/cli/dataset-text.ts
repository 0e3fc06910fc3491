/** Data sets for the terminal: previews, reports, what was imported. */
import type { DatasetDetails, DatasetPreview, DatasetReport, SplitReport } from '../contract/api/datasets.ts';
import { bytesText, countText, percentText } from './number-text.ts';
import { formatFields, formatTable } from './table.ts';

const cellCharacters = 40;
const textCharacters = 240;
const mostLabels = 12;

export function describePreview({ split, columns, mapping, origin, alternatives, rows, examples, notes }: DatasetPreview, most: number): string {
  return [
    formatFields([
      ['split', split],
      ['columns', columns.map(oneLine).join(', ')],
      ['format', `${mapping.format ?? 'none fits'}${alternatives.length === 0 ? '' : ` (or ${alternatives.join(', ')})`}`],
      ['mapping', mapping.columns.length === 0 ? '–' : `${mapping.columns.map(({ role, column }) => `${role}=${column}`).join(', ')} (${originText[origin]})`],
    ]),
    formatTable([['line', ...columns.map((name) => cut(name, cellCharacters))], ...rows.slice(0, most).map(({ line, cells }) => [String(line), ...cells.map((cell) => cut(cell ?? '', cellCharacters))])]),
    ...examples.slice(0, most).map(({ id, input, target, inputTokens, targetTokens }) =>
      `${id}${inputTokens === null ? '' : ` (${inputTokens} tokens)`}: ${cut(input, textCharacters)}\n  → ${target === null ? '(no label)' : cut(target, textCharacters)}${targetTokens === null ? '' : ` (${targetTokens} tokens)`}`),
    ...notes.slice(0, most).map(noteText),
  ].join('\n\n');
}

const originText: Record<DatasetPreview['origin'], string> = {
  given: 'as given', remembered: 'as it was last for these columns', format: 'by the columns’ names', guess: 'a guess', none: 'none',
};

export function describeDetails(dataset: DatasetDetails): string {
  const { name, version, origin, format, splits, importedAt, trashedAt, report, mapping } = dataset;
  return [
    formatFields([
      ['data set', `${name}@${version}${trashedAt === null ? '' : ', in the trash'}`],
      ['from', origin],
      ['format', format ?? '–'],
      ...(mapping.columns.length === 0 ? [] : [['mapping', mapping.columns.map(({ role, column }) => `${role}=${column}`).join(', ')] as const]),
      ['imported', importedAt],
      ...splits.map(({ split, reference, rows, bytes, sha256 }) => [split, `${reference}  ${countText(rows)} rows, ${bytesText(bytes)}, ${sha256.slice(0, 12)}`] as const),
    ]),
    describeReport(report),
  ].join('\n\n');
}

export function describeReport({ splits, overlaps, isImportable }: DatasetReport): string {
  return [
    ...splits.map(describeSplit),
    ...overlaps.map(({ left, right, count, leftLine, rightLine }) => `${countText(count)} inputs of ${right} are in ${left}, too: the first at line ${rightLine}, which is line ${leftLine} there.`),
    ...(isImportable ? [] : ['It cannot be imported like this: correct the rows that cannot be read.']),
  ].join('\n\n');
}

function describeSplit(report: SplitReport): string {
  const { split, rows, examples, labels, emptyCells, duplicates, contradictions, unlabeled, repeatedIds, longRows, isSingleClass, inputLengths, targetLengths } = report;
  const tallies: [string, SplitReport['duplicates']][] = [
    ['repeat an earlier example', duplicates], ['contradict an earlier example', contradictions], ['have no label', unlabeled], ['repeat an id', repeatedIds], ['are very long', longRows],
  ];
  return [
    `${split}: ${countText(rows)} rows, ${countText(examples)} examples, ${report.columns.length} columns, ${[...new Set(report.files.map(({ encoding }) => encoding))].join(', ')}`,
    ...(labels === null || labels.length === 0 ? [] : [`  labels: ${labels.slice(0, mostLabels).map(({ label, count }) => `${oneLine(label)} (${countText(count)})`).join(', ')}${labels.length > mostLabels ? ` and ${labels.length - mostLabels} more` : ''}`]),
    ...(isSingleClass ? ['  every labeled row has the same label'] : []),
    ...tallies.flatMap(([words, tally]) => (tally === null ? [] : [`  ${countText(tally.count)} ${words}, first at line ${tally.line}${tally.earlierLine === null ? '' : ` (line ${tally.earlierLine})`}`])),
    ...emptyCells.map(({ column, count, line }) => `  ${oneLine(column)}: ${countText(count)} empty, first at line ${line}`),
    ...[['input', inputLengths] as const, ['target', targetLengths] as const].flatMap(([words, lengths]) => (lengths === null ? [] : [lengthsText(words, lengths)])),
    ...[...report.badRowNotes, ...report.misfitNotes, ...report.warnings].map((note) => `  ${noteText(note)}`),
    ...(report.badRows > report.badRowNotes.length ? [`  ${countText(report.badRows - report.badRowNotes.length)} more rows cannot be read`] : []),
    ...(report.misfits > report.misfitNotes.length ? [`  ${countText(report.misfits - report.misfitNotes.length)} more rows do not fit`] : []),
  ].join('\n');
}

function lengthsText(words: string, { mean, median, percentile95, longest, limit, overLimit, measured }: NonNullable<SplitReport['inputLengths']>): string {
  return `  ${words} tokens: mean ${mean.toFixed(1)}, median ${median}, 95% up to ${percentile95}, longest ${longest}; ${percentText(overLimit / measured)} over ${limit}`;
}

function noteText({ line, message }: { line: number | null; message: string }): string {
  return `${line === null ? '' : `line ${line}: `}${message}`;
}

/** Texts come from files: control characters would reach the terminal as commands. */
function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
}

function cut(text: string, most: number): string {
  const characters = Array.from(oneLine(text));
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}
