/** The datasets router. */
import { join } from 'node:path';
import type { CheckRequest, DatasetReport, DatasetSource, ImportedDataset } from '../../contract/api/datasets.ts';
import type { DatasetKey } from '../../store/datasets-table.ts';
import type { Core } from '../core.ts';
import { listDatasets, readDatasetRows, showDataset, summariseDataset } from '../dataset/datasets.ts';
import { exportSplit } from '../dataset/export.ts';
import { importDataset } from '../dataset/import.ts';
import { listMappings, removeMapping, saveMapping } from '../dataset/saved-mappings.ts';
import { previewDataset } from '../dataset/preview.ts';
import { checkDataset } from '../dataset/report.ts';
import { sniffSource, surroundingsOf } from '../dataset/source.ts';
import type { PathPolicy } from '../file-grants.ts';
import { type RouterContext, service } from './base.ts';

function resolveSource(source: DatasetSource, { core, paths }: RouterContext): DatasetSource {
  return source.kind === 'hub' ? source : { kind: 'paths', paths: source.paths.map((path) => core.files.resolve(path, paths)) };
}

function resolved<Request extends Pick<CheckRequest, 'source'>>(request: Request, context: { core: Core; paths: PathPolicy }): Request {
  return { ...request, source: resolveSource(request.source, context) };
}

function labelOf({ source }: CheckRequest): string {
  return source.kind === 'hub' ? source.id : source.paths[0]?.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}

function changed(core: Core, { name }: DatasetKey): void {
  core.events.publish({ kind: 'changed', subject: 'datasets', id: name });
}

export const datasetsRouter = service.datasets.router({
  sniff: service.datasets.sniff.handler(({ input, context }) => sniffSource(resolveSource(input.source, context), input.choices, surroundingsOf(context.core.workspace))),
  preview: service.datasets.preview.handler(({ input, context }) => previewDataset(context.core.workspace, resolved(input, context), surroundingsOf(context.core.workspace))),
  check: service.datasets.check.handler(({ input, context }) => {
    const { workspace, work } = context.core;
    const request = resolved(input, context);
    const { id } = work.start({ label: `Checking ${labelOf(request)}`, subject: 'datasets', run: ({ signal, tell }) => checkDataset(workspace, request, surroundingsOf(workspace, { signal, tell })) });
    return { task: id };
  }),
  checked: service.datasets.checked.handler(({ input, context }) => context.core.work.resultOf(input.task, 'datasets') as DatasetReport | null),
  import: service.datasets.import.handler(({ input, context }) => {
    const { workspace, work } = context.core;
    const request = resolved(input, context);
    const { id } = work.start({ label: `Importing ${labelOf(request)}`, subject: 'datasets', run: ({ signal, tell }) => importDataset(workspace, request, surroundingsOf(workspace, { signal, tell })) });
    return { task: id };
  }),
  imported: service.datasets.imported.handler(({ input, context }) => context.core.work.resultOf(input.task, 'datasets') as ImportedDataset | null),
  list: service.datasets.list.handler(({ input, context }) => listDatasets(context.core.workspace, input)),
  show: service.datasets.show.handler(({ input, context }) => showDataset(context.core.workspace, input)),
  rows: service.datasets.rows.handler(({ input, context }) => readDatasetRows(context.core.workspace, input)),
  export: service.datasets.export.handler(({ input, context: { core, paths } }) => {
    const { fileName, ...request } = input;
    const path = core.files.resolve(request.path, paths);
    return exportSplit(core.workspace, { ...request, path: fileName === null ? path : join(path, fileName) });
  }),
  remove: service.datasets.remove.handler(({ input, context: { core } }) => {
    const removed = core.workspace.datasets.trash(input).map(summariseDataset);
    changed(core, input);
    return removed;
  }),
  restore: service.datasets.restore.handler(({ input, context: { core } }) => {
    const restored = core.workspace.datasets.restore(input).map(summariseDataset);
    changed(core, input);
    return restored;
  }),
  mappings: service.datasets.mappings.handler(({ context }) => listMappings(context.core.workspace)),
  saveMapping: service.datasets.saveMapping.handler(({ input, context }) => saveMapping(context.core.workspace, input)),
  removeMapping: service.datasets.removeMapping.handler(({ input, context }) => removeMapping(context.core.workspace, input.name)),
});
