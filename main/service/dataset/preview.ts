/** The first rows of a source as a person sees them, and what a model would read of them. */
import type { DatasetPreview, PreviewRequest } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { DataRow, DataSample } from '../../task/format.ts';
import { findFormat } from '../../task/index.ts';
import { exactValues } from '../../task/reading/exact-json.ts';
import { exampleReader } from './examples.ts';
import { cellText } from './cell-text.ts';
import { ColumnRegistry, renameRow, settleMapping, signatureOf } from './mapping.ts';
import { makeCounter, sampleTable } from './report.ts';
import { pickSplit, pickTable, withSource } from './source.ts';
import type { SourceSurroundings } from './source-file.ts';

const mostCellCharacters = 2000;
/** One row of MultiRC can be two hundred examples. */
const mostExamples = 300;

/** @throws {Problem} of the source, `mapping-invalid` */
export function previewDataset(workspace: ReadableWorkspace | null, request: PreviewRequest, surroundings: SourceSurroundings): Promise<DatasetPreview> {
  return withSource(request.source, surroundings, async (opened) => {
    const table = pickTable(opened, request.table);
    const { split } = pickSplit(table, request.split);
    const sample = await sampleTable(table, request.choices, request.split);
    const settled = settleMapping(sample, { workspace, given: request.mapping });
    const { mapping, origin, alternatives } = settled;
    const roles = mapping.format === null ? [] : findFormat(mapping.format).roles;
    return {
      table: table.table, split, columns: [...sample.fields], signature: signatureOf(sample.fields), mapping, origin, alternatives: [...alternatives],
      roles: roles.map(({ names, kind, isOptional }) => ({ role: names[0], kind, isOptional: isOptional ?? false })),
      rows: sample.rows.map((row) => showRow(row, sample.fields)),
      ...renderExamples(sample, { workspace, request, mapping }),
    };
  });
}

/** @param columns in the order wanted, by their names in the row */
export function showRow(row: DataRow, columns: readonly string[]): DatasetPreview['rows'][number] {
  const values = exactValues(row);
  return {
    index: row.index, line: row.line,
    cells: columns.map((name) => {
      const text = Object.hasOwn(values, name) ? cellText(values[name]) : null;
      return text === null ? null : text.slice(0, mostCellCharacters).toWellFormed();
    }),
  };
}

interface Rendering {
  workspace: ReadableWorkspace | null;
  request: PreviewRequest;
  mapping: DatasetPreview['mapping'];
}

function renderExamples(sample: DataSample, { workspace, request, mapping }: Rendering): Pick<DatasetPreview, 'examples' | 'notes'> {
  const examples: DatasetPreview['examples'] = [];
  const notes: DatasetPreview['notes'] = [];
  if (mapping.format === null) return { examples, notes };
  const counter = makeCounter(workspace, request.model);
  const examplesOf = exampleReader(findFormat(mapping.format));
  const registry = new ColumnRegistry(mapping);
  registry.add(sample.fields);
  const count = (text: string): number | null => (counter === null ? null : counter(text.slice(0, 100_000)) + 1);
  for (const row of sample.rows) {
    if (examples.length >= mostExamples) break;
    try {
      for (const { id, input, target } of examplesOf(renameRow(row, registry.changed))) {
        examples.push({
          row: row.index, id, input: input.slice(0, mostCellCharacters * 2).toWellFormed(), target: target?.slice(0, mostCellCharacters).toWellFormed() ?? null,
          inputTokens: count(input), targetTokens: target === null ? null : count(target),
        });
      }
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      notes.push({ code: thrown.code, line: thrown.place.line ?? row.line, message: `Found ${thrown.found}; expected ${thrown.expected}. ${thrown.action}` });
    }
  }
  return { examples, notes };
}
