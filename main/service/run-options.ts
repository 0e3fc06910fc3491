/** What a run can be made of, for a form: methods with every setting explained, task formats, and the tasks that come with the program. */
import type { RunOptions } from '../contract/api/runs.ts';
import { methods, type AnyMethod } from '../method/index.ts';
import { taskFormats } from '../task/index.ts';
import { readBuiltInTasks } from './built-in.ts';
import { defaultSettings, describeSettings } from './method-settings.ts';

/** @throws {Problem} as readBuiltInTasks */
export function listRunOptions(): RunOptions {
  return {
    methods: methods.map((method) => ({ id: method.id, title: method.title, reference: method.reference, trains: method.trains, settings: explain(method) })),
    formats: taskFormats.map(({ id, title, labels }) => ({ id, title, labels })),
    builtIn: readBuiltInTasks().map(({ id, title, format }) => ({ id, title, format })),
  };
}

function explain(method: AnyMethod): RunOptions['methods'][number]['settings'] {
  const defaults = defaultSettings(method);
  return Object.entries(describeSettings(method)).map(([key, form]) => ({ key, default: defaults[key] ?? null, ...form }));
}
