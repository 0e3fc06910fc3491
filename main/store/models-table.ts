/** T5 checkpoints that were added to the workspace. The weights stay where they are; `models/` holds what had to be converted. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import { answerConventionSchema, type AnswerConvention } from '../contract/worker-protocol.ts';
import type { Database } from './database.ts';
import { parseModelName, type ModelName } from './identifiers.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';

export interface ModelRow {
  name: ModelName;
  /** As the person gave it, made absolute. */
  directory: string;
  /** Over config and weights: two models with the same fingerprint compute the same. */
  fingerprint: string;
  /** config.json as it is. */
  config: JsonObject;
  /** File form of the weights, for example `safetensors`. */
  weightKind: string;
  parameterCount: number;
  answerConvention: AnswerConvention;
  /** Where the converted weights lie; null when there are none. */
  preparedDirectory: string | null;
  addedAtMs: number;
}

export interface ModelsReader {
  /** @throws {Problem} `model-not-found`, naming those that exist */
  get(name: ModelName): ModelRow;
  find(name: ModelName): ModelRow | null;
  /** By name. */
  list(): ModelRow[];
}

export interface ModelsTable extends ModelsReader {
  /** @throws {Problem} `model-name-taken` */
  add(model: Omit<ModelRow, 'addedAtMs'>): ModelRow;
  setPreparedDirectory(name: ModelName, directory: string | null): void;
  /** The same weights in another place; they count as looked at now. @throws {Problem} `model-not-found` */
  setDirectory(name: ModelName, directory: string): void;
  /** Runs and studies name it by its new name from then on. @throws {Problem} `model-not-found`, `model-name-taken` */
  rename(name: ModelName, to: ModelName): ModelRow;
  /** Forgets the model; its files stay. @throws {Problem} `model-in-use` while a run names it, in the trash too; `model-not-found` */
  remove(name: ModelName): void;
}

const modelRow = z.object({
  name: z.string().transform(parseModelName),
  directory: z.string(),
  fingerprint: z.string(),
  config: jsonColumn(jsonObject),
  weightKind: z.string(),
  parameterCount: z.int(),
  answerConvention: answerConventionSchema,
  preparedDirectory: z.string().nullable(),
  addedAtMs: z.int(),
});

const columns = `name, directory, fingerprint, config, weight_kind AS weightKind, parameter_count AS parameterCount,
  answer_convention AS answerConvention, prepared_directory AS preparedDirectory, added_at AS addedAtMs`;

export function openModelsTable(database: Database): ModelsTable {
  const select = database.prepare(`SELECT ${columns} FROM models WHERE name = :name`);
  const selectAll = database.prepare(`SELECT ${columns} FROM models ORDER BY name`);
  const insert = database.prepare(`
    INSERT INTO models (name, directory, fingerprint, config, weight_kind, parameter_count, answer_convention, prepared_directory, added_at)
    VALUES (:name, :directory, :fingerprint, :config, :weightKind, :parameterCount, :answerConvention, :preparedDirectory, :addedAtMs)`);
  const updatePrepared = database.prepare('UPDATE models SET prepared_directory = :directory WHERE name = :name');
  const updateDirectory = database.prepare('UPDATE models SET directory = :directory, added_at = :addedAtMs WHERE name = :name');
  const updateName = database.prepare('UPDATE models SET name = :to WHERE name = :name');
  // A study keeps its model's name in its definition; the runs' column follows by itself.
  const updateStudies = database.prepare(`
    UPDATE studies SET definition = json_set(definition, '$.model.name', :to) WHERE json_extract(definition, '$.model.name') = :name`);
  const countRuns = database.prepare('SELECT count(*) AS count FROM runs WHERE model = :name');
  const remove = database.prepare('DELETE FROM models WHERE name = :name');

  const list = (): ModelRow[] => selectAll.all().map((row) => parseRow(modelRow, row, 'models'));
  const find = (name: ModelName): ModelRow | null => {
    const row = select.get({ name });
    return row === undefined ? null : parseRow(modelRow, row, 'models');
  };
  const get = (name: ModelName): ModelRow => find(name) ?? fail(notFound(name, list()));

  return {
    get,
    find,
    list,
    add: (model) => database.transaction(() => {
      if (find(model.name) !== null) throw nameTaken(model.name);
      insert.run({ ...model, config: writeJson(model.config), addedAtMs: Date.now() });
      return get(model.name);
    }),
    setPreparedDirectory(name, directory) {
      if (updatePrepared.run({ name, directory }).changes === 0) throw notFound(name, list());
    },
    setDirectory(name, directory) {
      if (updateDirectory.run({ name, directory, addedAtMs: Date.now() }).changes === 0) throw notFound(name, list());
    },
    rename: (name, to) => database.transaction(() => {
      if (name !== to && find(to) !== null) throw nameTaken(to);
      if (updateName.run({ name, to }).changes === 0) throw notFound(name, list());
      updateStudies.run({ name, to });
      return get(to);
    }),
    remove: (name) => database.transaction(() => {
      const { count } = countRuns.get({ name }) as { count: number };
      if (count > 0) throw inUse(name, count);
      if (remove.run({ name }).changes === 0) throw notFound(name, list());
    }),
  };
}

function fail(problem: Problem): never {
  throw problem;
}

function notFound(name: ModelName, existing: readonly ModelRow[]): Problem {
  return new Problem({
    code: 'model-not-found',
    found: `no model named ${name}`,
    expected: existing.length === 0 ? 'a model in the workspace, which has none yet' : `one of ${existing.map((model) => model.name).join(', ')}`,
    action: 'Add the model first, or correct the name.',
  });
}

function nameTaken(name: ModelName): Problem {
  return new Problem({
    code: 'model-name-taken',
    found: `a model named ${name} in the workspace already`,
    expected: 'a new name',
    action: 'Choose another name, or remove the old model first.',
  });
}

function inUse(name: ModelName, runCount: number): Problem {
  return new Problem({
    code: 'model-in-use',
    found: `model ${name}, which ${runCount === 1 ? 'a run needs' : `${runCount} runs need`}`,
    expected: 'a model that no run names',
    action: 'Trash these runs and empty the trash first, or keep the model.',
  });
}
