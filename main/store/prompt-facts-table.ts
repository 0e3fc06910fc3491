/** Measured facts of prompts: what a worker took minutes to find, kept as long as the prompt. What they say belongs to the core. */
import { z } from 'zod';
import type { Database } from './database.ts';
import type { ObjectHash } from './identifiers.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';

export interface PromptFactsKey {
  weights: ObjectHash;
  /** SHA-256 of the examples' file. */
  data: string;
  /** SHA-256 of everything else that decides the facts. */
  request: string;
}

export interface PromptFactsReader {
  find(key: PromptFactsKey): JsonObject | null;
  /** The newest of a prompt, whatever was asked. */
  findNewest(weights: ObjectHash): JsonObject | null;
}

export interface PromptFactsTable extends PromptFactsReader {
  /** Recording again replaces. */
  record(key: PromptFactsKey, facts: JsonObject): void;
}

const factsRow = z.object({ facts: jsonColumn(jsonObject) });

export function openPromptFactsTable(database: Database): PromptFactsTable {
  const select = database.prepare('SELECT facts FROM prompt_facts WHERE weights = :weights AND data = :data AND request = :request');
  const selectNewest = database.prepare('SELECT facts FROM prompt_facts WHERE weights = :weights ORDER BY created_at DESC LIMIT 1');
  const upsert = database.prepare(`
    INSERT INTO prompt_facts (weights, data, request, facts, created_at) VALUES (:weights, :data, :request, :facts, :createdAtMs)
    ON CONFLICT (weights, data, request) DO UPDATE SET facts = excluded.facts, created_at = excluded.created_at`);

  return {
    find: (key) => parseFound(select.get({ ...key })),
    findNewest: (weights) => parseFound(selectNewest.get({ weights })),
    record: (key, facts) => void upsert.run({ ...key, facts: writeJson(facts), createdAtMs: Date.now() }),
  };
}

function parseFound(row: unknown): JsonObject | null {
  return row === undefined ? null : parseRow(factsRow, row, 'prompt_facts').facts;
}
