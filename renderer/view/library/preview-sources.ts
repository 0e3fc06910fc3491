/** Data of a task's format to look at a pair with: the task's own set, what comes with the program, what was imported. Pure. */
import type { DatasetSummary } from '../../../main/contract/api/datasets.ts';
import type { TaskDefinition } from '../../../main/contract/task-library.ts';

export interface PreviewSource {
  /** As `tasks.preview` takes it. */
  value: string;
  title: string;
}

interface Known {
  format: string;
  dataset: TaskDefinition['dataset'];
  datasets: readonly DatasetSummary[];
  builtIn: readonly { id: string; format: string }[];
}

/** The best first; of a set the split that nothing is trained on. */
const splits = ['dev', 'train', 'test'] as const;
const rank = (split: string): number => (/^(dev|val|valid|validation)$/.test(split) ? 0 : split === 'train' ? 1 : 2);

export function listSources({ format, dataset, datasets, builtIn }: Known, builtInTitle: (task: string, split: string) => string): PreviewSource[] {
  const isOwn = ({ name, version }: DatasetSummary): boolean => dataset !== null && name === dataset.name && (dataset.version === null || version === dataset.version);
  const imported = datasets
    .filter((one) => isOwn(one) || one.format === format)
    .toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
  return [
    ...imported.filter(isOwn).flatMap(show),
    ...builtIn.filter((task) => task.format === format).flatMap(({ id }) => splits.map((split) => ({ value: `built-in:${id}/${split}`, title: builtInTitle(id, split) }))),
    ...imported.filter((one) => !isOwn(one)).flatMap(show),
  ];
}

function show({ name, version, splits: all }: DatasetSummary): PreviewSource[] {
  return all.toSorted((a, b) => rank(a.split) - rank(b.split)).map(({ split, reference }) => ({ value: reference, title: `${name}@${version} · ${split}` }));
}
