/** The data sets of a workspace: listed, shown, trashed and restored, and found by what a run calls them. */
import { columnMappingSchema, datasetReportSchema, type DatasetDetails, type DatasetPreview, type DatasetSummary } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import type { DatasetKey, DatasetRow, DatasetSplitRow } from '../../store/datasets-table.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { openDataFile, readRows } from '../../task/reading/data-file.ts';
import { datasetPrefix, parseDatasetReference, type DatasetReference } from './dataset-name.ts';
import { showRow } from './preview.ts';

export function summariseDataset({ name, version, source, mapping, splits, importedAtMs, trashedAtMs }: DatasetRow): DatasetSummary {
  return {
    name, version, origin: String(source['location'] ?? ''), format: columnMappingSchema.safeParse(mapping).data?.format ?? null,
    splits: splits.map(({ split, rowCount, byteCount, object, columns }) => ({
      split, rows: rowCount, bytes: byteCount, sha256: object, columns: columns.map((column) => column.source), reference: `${datasetPrefix}${name}@${version}/${split}`,
    })),
    importedAt: new Date(importedAtMs).toISOString(), trashedAt: trashedAtMs === null ? null : new Date(trashedAtMs).toISOString(),
  };
}

/** @throws {Problem} `dataset-invalid` for a row that another program changed */
export function describeDataset(row: DatasetRow): DatasetDetails {
  const mapping = columnMappingSchema.safeParse(row.mapping).data;
  const report = datasetReportSchema.safeParse(row.report).data;
  if (mapping !== undefined && report !== undefined) return { ...summariseDataset(row), source: row.source, sourceSha256: row.sourceSha256, mapping, report };
  throw new Problem({
    code: 'dataset-invalid', kind: 'failure', found: `data set ${row.name}@${row.version} with a description that cannot be read`, expected: 'one that this Souffleur wrote', action: 'Import it again from its source.',
  });
}

export function listDatasets(workspace: ReadableWorkspace, { trash }: { trash: 'without' | 'only' } = { trash: 'without' }): DatasetSummary[] {
  return workspace.datasets.list({ trash }).map(summariseDataset);
}

/** @throws {Problem} `dataset-not-found` */
export function showDataset(workspace: ReadableWorkspace, key: DatasetKey): DatasetDetails {
  return describeDataset(workspace.datasets.get(key));
}

export interface FoundSplit extends DatasetSplitRow {
  name: string;
  version: number;
  /** Of the object. */
  path: string;
}

/** @throws {Problem} `dataset-not-found`, `split-not-found` */
export function findSplit(workspace: ReadableWorkspace, { split: wanted, ...key }: DatasetReference): FoundSplit {
  const { name, version, splits } = workspace.datasets.get(key);
  const [first] = splits;
  const split = wanted === null && splits.length === 1 ? first : splits.find((each) => each.split === wanted);
  if (split !== undefined) return { ...split, name, version, path: workspace.objects.objectPath(split.object) };
  throw new Problem({
    code: 'split-not-found',
    found: wanted === null ? `data set ${name}@${version} without a split` : `no split ${JSON.stringify(wanted.slice(0, 80))} in ${name}@${version}`,
    expected: `one of ${splits.map((each) => each.split).join(', ')}`,
    action: `Write for example ${datasetPrefix}${name}/${first?.split ?? 'train'}.`,
  });
}

/**
 * The file behind what a person wrote where a run wants data: a path stays as it is, `dataset:NAME/SPLIT` becomes its object.
 * @throws {Problem} `dataset-not-found`, `split-not-found`, `dataset-reference-invalid`
 */
export function resolveDataFile<Text extends string | null>(workspace: ReadableWorkspace, text: Text): Text | string {
  return text?.startsWith(datasetPrefix) === true ? findSplit(workspace, parseDatasetReference(text)).path : text;
}

/** @throws {Problem} as findSplit */
export async function readDatasetRows(workspace: ReadableWorkspace, { from, limit, ...reference }: DatasetReference & { from: number; limit: number }): Promise<{ split: string; columns: string[]; total: number; rows: DatasetPreview['rows'] }> {
  const { split, path, columns, rowCount } = findSplit(workspace, reference);
  const names = columns.map(({ name }) => name);
  const rows: DatasetPreview['rows'] = [];
  for await (const row of readRows(await openDataFile(path), () => {})) {
    if (row.index < from) continue;
    if (rows.length === limit) break;
    rows.push(showRow(row, names));
  }
  return { split, columns: columns.map(({ source }) => source), total: rowCount, rows };
}
