/** Votes of several runs' prompts, example by example. The votes are one object; the rows name it. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { parseObjectHash, runIdOf, runNumberOf, type ObjectHash, type RunId } from './identifiers.ts';
import { jsonColumn, parseRow, writeJson } from './json-column.ts';

export interface Vote {
  /** In the order of the vote: the last rule for a tie. */
  members: readonly RunId[];
  /** SHA-256 of the file with the examples. */
  data: ObjectHash;
  object: ObjectHash;
  createdAtMs: number;
}

export interface VotesReader {
  /** Every vote in which a run took part, the latest first. */
  list(run: RunId): Vote[];
  /** Every vote once, the latest first. */
  listAll(): Vote[];
}

export interface VotesTable extends VotesReader {
  /** Names an object that was put already; recording the same members and data again replaces. */
  record(vote: Omit<Vote, 'createdAtMs'>): Vote;
}

const voteRow = z.object({
  members: jsonColumn(z.array(z.int().transform(runIdOf))),
  data: z.string().transform(parseObjectHash),
  object: z.string().transform(parseObjectHash),
  createdAtMs: z.int(),
});

export function openVotesTable(database: Database): VotesTable {
  const select = database.prepare('SELECT members, data, object, created_at AS createdAtMs FROM votes WHERE run = :run ORDER BY created_at DESC, members, data');
  const selectAll = database.prepare('SELECT DISTINCT members, data, object, created_at AS createdAtMs FROM votes ORDER BY created_at DESC, members, data');
  const upsert = database.prepare(`
    INSERT INTO votes (run, members, data, object, created_at) VALUES (:run, :members, :data, :object, :createdAtMs)
    ON CONFLICT (run, members, data) DO UPDATE SET object = excluded.object, created_at = excluded.created_at`);

  return {
    list: (run) => select.all({ run: runNumberOf(run) }).map((row) => parseRow(voteRow, row, 'votes')),
    listAll: () => selectAll.all().map((row) => parseRow(voteRow, row, 'votes')),
    record: ({ members, data, object }) => database.transaction(() => {
      const createdAtMs = Date.now();
      const numbers = members.map(runNumberOf);
      for (const run of new Set(numbers)) upsert.run({ run, members: writeJson(numbers), data, object, createdAtMs });
      return { members, data, object, createdAtMs };
    }),
  };
}
