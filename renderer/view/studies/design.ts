/**
 * A study as a form holds it, and as the YAML that the core reads. A form keeps numbers as typed, so that nothing is lost while somebody
 * writes; prompt lengths and initialisations of a method are lists, and every pair of them becomes a method of its own. Pure.
 */
import type { StudyReport } from '../../../main/contract/study.ts';

export interface BuiltInTask {
  kind: 'built-in';
  id: string;
  builtIn: string;
  /** `TASK/PVP[@version]`; empty for the format's own text form. */
  pvp: string;
}

export interface OwnTask {
  kind: 'own';
  id: string;
  title: string;
  format: string;
  /** Grants, paths, or empty for a split that there is none of. */
  train: string;
  dev: string;
  test: string;
  /** `0=bad, 1=good`; empty lets the training file decide. */
  labels: string;
  pvp: string;
}

export interface DesignMethod {
  id: string;
  title: string;
  method: string;
  settings: Readonly<Record<string, string>>;
  /** `1, 5, 20, 100`; empty for the setting's own. */
  lengths: string;
  inits: readonly string[];
  /** Empty for the study's. */
  seeds: string;
}

export interface StudyDesign {
  name: string;
  model: string;
  tasks: readonly (BuiltInTask | OwnTask)[];
  methods: readonly DesignMethod[];
  /** `1-5` or `1, 2, 3`. */
  seeds: string;
  fewShot: { examples: string; dataSeed: string } | null;
  together: boolean;
  ensemble: boolean;
}

/** Small enough to end in minutes on the built-in model. */
export const exampleDesign: StudyDesign = {
  name: 'first-study',
  model: 'built-in',
  tasks: [{ kind: 'built-in', id: 'sst2', builtIn: 'sst2', pvp: '' }],
  methods: [
    {
      id: 'prompt-tuning', title: '', method: 'prompt-tuning', lengths: '', inits: [], seeds: '',
      settings: { steps: '300', batchSize: '16', learningRate: '1', schedule: 'linear', promptLength: '8', init: 'sampled-vocabulary', initVocabulary: '1000', evaluateEvery: '100', checkpointEvery: '50', maxSourceTokens: '96' },
    },
    {
      id: 'full-tuning', title: '', method: 'full-tuning', lengths: '', inits: [], seeds: '1',
      settings: { steps: '300', batchSize: '32', optimizer: 'adamw', learningRate: '0.001', schedule: 'linear', evaluateEvery: '100', checkpointEvery: '100', maxSourceTokens: '96' },
    },
  ],
  seeds: '1-5',
  fewShot: null,
  together: true,
  ensemble: true,
};

/** The longest list that a study takes. */
const mostNumbers = 1000;

/** @param text whole numbers and spans of them: `1-5, 8`. @returns null where it is no such list, or names a number twice */
export function parseNumbers(text: string): number[] | null {
  const numbers: number[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const [, first, last] = /^(\d{1,10})(?:\s*[-–]\s*(\d{1,10}))?$/.exec(part) ?? [];
    if (first === undefined) return null;
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from || to - from >= mostNumbers || numbers.length + to - from >= mostNumbers) return null;
    for (let number = from; number <= to; number += 1) numbers.push(number);
  }
  return new Set(numbers).size === numbers.length ? numbers : null;
}

export interface ExpandedMethod {
  id: string;
  title: string;
  method: string;
  settings: Readonly<Record<string, string>>;
  seeds: string;
}

/** Every prompt length with every initialisation, each under an id of its own; a list of one changes the setting and no name. */
export function expandMethods({ methods }: Pick<StudyDesign, 'methods'>): ExpandedMethod[] {
  return methods.flatMap(({ id, title, method, settings, lengths, inits, seeds }) => {
    const rows = lengths.trim() === '' ? [] : (parseNumbers(lengths) ?? []).map(String);
    const axes = [{ key: 'promptLength', values: rows }, { key: 'init', values: inits }].filter(({ values }) => values.length > 0);
    return axes.reduce<ExpandedMethod[]>(
      (made, { key, values }) => made.flatMap((one) => values.map((value) => ({
        ...one,
        ...(values.length === 1 ? {} : { id: `${one.id}-${value}`, title: `${one.title === '' ? id : one.title}, ${key} ${value}` }),
        settings: { ...one.settings, [key]: value },
      }))),
      [{ id, title, method, settings, seeds }],
    );
  });
}

/** @returns null while a list of seeds cannot be read. */
export function countRuns(design: StudyDesign): number | null {
  const perTask = expandMethods(design).map(({ seeds }) => parseNumbers(seeds.trim() === '' ? design.seeds : seeds)?.length ?? null);
  return perTask.includes(null) ? null : design.tasks.length * perTask.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** As docs/study.md shows it: one line a task and a method. */
export function writeStudyYaml(design: StudyDesign): string {
  const { name, model, tasks, seeds, fewShot, together, ensemble } = design;
  const lines = [
    `name: ${quote(name)}`, `model: ${quote(model)}`, 'tasks:', ...tasks.flatMap(writeTask), 'methods:', ...expandMethods(design).flatMap(writeMethod), `seeds: ${writeSeeds(seeds)}`,
    ...(fewShot === null ? [] : [`few-shot: {examples: ${quote(fewShot.examples)}, data-seed: ${quote(fewShot.dataSeed)}}`]),
    `together: ${together}`, `ensemble: ${ensemble}`,
  ];
  return `${lines.join('\n')}\n`;
}

function writeTask(task: BuiltInTask | OwnTask): string[] {
  if (task.kind === 'built-in') {
    return [`  - built-in: ${quote(task.builtIn)}`, ...(task.id === task.builtIn ? [] : [`    id: ${quote(task.id)}`]), ...(task.pvp === '' ? [] : [`    pvp: ${quote(task.pvp)}`])];
  }
  const labels = splitList(task.labels);
  const optional = ([['title', task.title], ['format', task.format], ['train', task.train], ['dev', task.dev], ['test', task.test]] as const).filter(([, value]) => value !== '');
  return [
    `  - id: ${quote(task.id)}`, ...optional.map(([key, value]) => `    ${key}: ${quote(value)}`),
    ...(labels.length === 0 ? [] : [`    labels: [${labels.map(quote).join(', ')}]`]), ...(task.pvp === '' ? [] : [`    pvp: ${quote(task.pvp)}`]),
  ];
}

function writeMethod({ id, title, method, settings, seeds }: ExpandedMethod): string[] {
  const given = Object.entries(settings).filter(([, value]) => value.trim() !== '');
  return [
    `  - id: ${quote(id)}`, ...(title === '' ? [] : [`    title: ${quote(title)}`]), `    method: ${quote(method)}`,
    ...(given.length === 0 ? [] : [`    settings: {${given.map(([key, value]) => `${quote(key)}: ${quote(value)}`).join(', ')}}`]), ...(seeds.trim() === '' ? [] : [`    seeds: ${writeSeeds(seeds)}`]),
  ];
}

/** What cannot be read stays as it was typed, so that the core tells the line. */
function writeSeeds(text: string): string {
  const seeds = parseNumbers(text);
  return seeds === null ? quote(text) : `[${seeds.join(', ')}]`;
}

function splitList(text: string): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** YAML takes these for something else than a text. */
const words = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off']);

function quote(value: string): string {
  const text = value.trim();
  if (/^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?)$/i.test(text)) return text;
  return /^[A-Za-z][\w./@-]*$/.test(text) && !words.has(text.toLowerCase()) ? text : JSON.stringify(value);
}

/**
 * A study's YAML, already parsed, as a form can show it.
 * @returns null where it is no study, or has what the form has no place for: the text stays the truth then
 */
export function readStudyDesign(value: unknown): StudyDesign | null {
  if (!isMap(value) || !hasOnly(value, ['name', 'model', 'tasks', 'methods', 'seeds', 'few-shot', 'together', 'ensemble'])) return null;
  const { name, model, tasks, methods, seeds = [], 'few-shot': fewShot, together = true, ensemble = true } = value;
  if (typeof name !== 'string' || typeof model !== 'string' || !Array.isArray(tasks) || !Array.isArray(methods) || typeof together !== 'boolean' || typeof ensemble !== 'boolean') return null;
  const read = { tasks: tasks.map(readTask), methods: methods.map(readMethod), seeds: readSeeds(seeds), shots: readFewShot(fewShot) };
  if (read.tasks.includes(null) || read.methods.includes(null) || read.seeds === null || read.shots === undefined) return null;
  return { name, model, tasks: read.tasks.filter((task) => task !== null), methods: read.methods.filter((method) => method !== null), seeds: read.seeds, fewShot: read.shots, together, ensemble };
}

function readTask(value: unknown): BuiltInTask | OwnTask | null {
  if (!isMap(value)) return null;
  const text = (key: string): string => (typeof value[key] === 'string' ? value[key] : '');
  if (typeof value['built-in'] === 'string') {
    return hasOnly(value, ['built-in', 'id', 'pvp']) ? { kind: 'built-in', id: text('id') || value['built-in'], builtIn: value['built-in'], pvp: text('pvp') } : null;
  }
  const { labels = [] } = value;
  if (!hasOnly(value, ['id', 'title', 'format', 'train', 'dev', 'test', 'labels', 'pvp']) || !Array.isArray(labels)) return null;
  return { kind: 'own', id: text('id'), title: text('title'), format: text('format'), train: text('train'), dev: text('dev'), test: text('test'), labels: labels.map(String).join(', '), pvp: text('pvp') };
}

function readMethod(value: unknown): DesignMethod | null {
  if (!isMap(value) || !hasOnly(value, ['id', 'title', 'method', 'settings', 'seeds']) || typeof value['method'] !== 'string') return null;
  const { id = value['method'], title = '', method, settings = {}, seeds } = value;
  const own = seeds === undefined ? '' : readSeeds(seeds);
  if (typeof id !== 'string' || typeof title !== 'string' || !isMap(settings) || own === null) return null;
  return { id, title, method, settings: Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, String(setting)])), lengths: '', inits: [], seeds: own };
}

function readSeeds(value: unknown): string | null {
  return Array.isArray(value) && value.every((seed) => Number.isInteger(seed)) ? value.join(', ') : null;
}

function readFewShot(value: unknown): StudyDesign['fewShot'] | undefined {
  if (value === undefined) return null;
  if (!isMap(value) || !hasOnly(value, ['examples', 'data-seed'])) return undefined;
  return { examples: String(value['examples'] ?? ''), dataSeed: String(value['data-seed'] ?? 10) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOnly(value: Record<string, unknown>, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

/** `key: value`, one a line, as a person edits settings. */
export function writeSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([key, value]) => `${key}: ${value}`).join('\n');
}

/** A line without a value is one that is still being written: its key stands with nothing, which no file is written with. */
export function readSettings(text: string): Record<string, string> {
  const pairs = text.split('\n').map((line) => /^\s*([^:=\s]+)\s*[:=]?\s*(.*?)\s*$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]));
}

interface KnownOptions {
  methods: readonly { id: string; settings: readonly { key: string; default?: unknown }[] }[];
  builtIn: readonly { id: string }[];
}

/**
 * A new study like one that was run: its model, its methods with what differs from the defaults, its seeds, and those of its tasks that
 * come with the program, for the files of the others are not told.
 */
export function designLike(report: StudyReport, options: KnownOptions): StudyDesign {
  const methods = report.methods.map(({ id, title, method, settings }): DesignMethod => {
    const known = options.methods.find((one) => one.id === method)?.settings ?? [];
    const changed = Object.entries(settings).filter(([key, value]) => known.some((setting) => setting.key === key && setting.default !== value));
    const seeds = [...new Set(report.cells.filter((cell) => cell.method === id).flatMap(({ runs }) => runs.map(({ seed }) => seed)))].toSorted((a, b) => a - b);
    return { id, title, method, settings: Object.fromEntries(changed.map(([key, value]) => [key, String(value)])), lengths: '', inits: [], seeds: seeds.join(', ') };
  });
  const tasks = report.tasks.filter(({ id }) => options.builtIn.some((known) => known.id === id)).map(({ id }): BuiltInTask => ({ kind: 'built-in', id, builtIn: id, pvp: '' }));
  const longest = methods.map(({ seeds }) => seeds).toSorted((a, b) => b.length - a.length)[0] ?? '';
  return {
    ...exampleDesign, name: `${report.name}-variant`, model: report.model.name, tasks, seeds: longest === '' ? exampleDesign.seeds : longest,
    methods: methods.map((method) => (method.seeds === longest ? { ...method, seeds: '' } : method)),
  };
}
