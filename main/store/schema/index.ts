/**
 * The schema, version by version. A version that was released is never edited; a change is a new migration at the end of the list.
 *
 * Conventions: times are milliseconds since 1970 UTC; hashes are SHA-256 in hexadecimal; JSON columns are checked by SQLite on the way
 * in (`json_valid`) and by zod on the way out. STRICT tables refuse a value of the wrong type.
 */
import type { Migration } from '../migrations.ts';
import { checkpointsTables } from './checkpoints.ts';
import { datasetsTables } from './datasets.ts';
import { packsTables } from './packs.ts';
import { queueTables } from './queue.ts';
import { settingsTables } from './settings.ts';
import { tasksTables } from './tasks.ts';

/** "SOUF" in ASCII, in the header of every workspace database: tells it from anybody else's SQLite file. */
export const applicationId = 0x534f5546;

const version1 = `
CREATE TABLE models (
  name TEXT NOT NULL PRIMARY KEY CHECK (length(name) > 0),
  directory TEXT NOT NULL,              -- as the person gave it, made absolute
  fingerprint TEXT NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config)),
  weight_kind TEXT NOT NULL,
  parameter_count INTEGER NOT NULL CHECK (parameter_count > 0),
  answer_convention TEXT NOT NULL CHECK (answer_convention IN ('lm-adapted', 'span-corruption')),
  prepared_directory TEXT,              -- NULL until the weights were converted, or when they need not be
  added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,   -- AUTOINCREMENT: an id is never given twice, even after its run was deleted
  status TEXT NOT NULL CHECK (status IN
    ('queued', 'starting', 'running', 'pausing', 'paused', 'finished', 'failed', 'cancelled', 'lost')),
  method TEXT NOT NULL,
  model TEXT NOT NULL REFERENCES models (name) ON UPDATE CASCADE ON DELETE RESTRICT,
  model_fingerprint TEXT NOT NULL,      -- of the day of the run: the folder may change later
  task TEXT NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config)),
  seed INTEGER NOT NULL,
  command TEXT NOT NULL CHECK (json_valid(command)),
  versions TEXT NOT NULL CHECK (json_valid(versions)),
  device TEXT,                          -- known when it runs
  created_at INTEGER NOT NULL,
  started_at INTEGER,                   -- first start
  ended_at INTEGER,                     -- last end; NULL while it may go on
  problem TEXT CHECK (json_valid(problem)),
  worker_process INTEGER,
  worker_start TEXT,
  worker_host TEXT,
  generation INTEGER NOT NULL DEFAULT 0 CHECK (generation >= 0),   -- counts starts
  final_metrics TEXT CHECK (json_valid(final_metrics)),
  parent INTEGER REFERENCES runs (number) ON DELETE SET NULL,
  trashed_at INTEGER
) STRICT;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_parent ON runs (parent);
CREATE INDEX runs_by_model ON runs (model);

CREATE TABLE run_inputs (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('train', 'dev', 'test')),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  PRIMARY KEY (run, role, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  weights TEXT NOT NULL CHECK (length(weights) = 64),
  resume_state TEXT CHECK (length(resume_state) = 64),
  dev_metrics TEXT NOT NULL CHECK (json_valid(dev_metrics)),
  is_best INTEGER NOT NULL DEFAULT 0 CHECK (is_best IN (0, 1)),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX best_checkpoint_of_run ON checkpoints (run) WHERE is_best = 1;

-- key before step: a curve is one range of the primary key
CREATE TABLE metrics (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  key TEXT NOT NULL CHECK (length(key) > 0),
  step INTEGER NOT NULL CHECK (step >= 0),
  value REAL,                           -- NULL is NaN, which SQLite cannot store
  PRIMARY KEY (run, key, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE predictions (
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  split TEXT NOT NULL CHECK (split IN ('train', 'dev', 'test')),
  object TEXT NOT NULL CHECK (length(object) = 64),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (run, step, split),
  FOREIGN KEY (run, step) REFERENCES checkpoints (run, step) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`;

const studies = `
CREATE TABLE studies (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (length(name) > 0),
  edition INTEGER NOT NULL CHECK (edition >= 1),   -- begun again under the same name
  file TEXT NOT NULL,
  definition TEXT NOT NULL CHECK (json_valid(definition)),
  created_at INTEGER NOT NULL,
  UNIQUE (name, edition)
) STRICT;

-- a cell: one method on one task with one seed; without a row until its run is made
CREATE TABLE study_runs (
  study INTEGER NOT NULL REFERENCES studies (number) ON DELETE CASCADE,
  method TEXT NOT NULL,
  task TEXT NOT NULL,
  seed INTEGER NOT NULL,
  run INTEGER NOT NULL UNIQUE REFERENCES runs (number) ON DELETE CASCADE,
  PRIMARY KEY (study, method, task, seed)
) STRICT, WITHOUT ROWID;
`;

const groupsAndVotes = `
-- runs that one worker trains in shared passes; the first of them leads
ALTER TABLE runs ADD COLUMN group_leader INTEGER REFERENCES runs (number) ON DELETE SET NULL;
CREATE INDEX runs_by_group ON runs (group_leader);

-- one row a member, so that a vote lasts as long as one of the runs that it is of
CREATE TABLE votes (
  run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  members TEXT NOT NULL CHECK (json_valid(members)),   -- runs in the order of the vote
  data TEXT NOT NULL CHECK (length(data) = 64),        -- of the examples' file
  object TEXT NOT NULL CHECK (length(object) = 64),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (run, members, data)
) STRICT, WITHOUT ROWID;
`;

/** The workbench: what the window adds to the terminal. A table may refer to those named before it. */
const workbench = [datasetsTables, tasksTables, queueTables, checkpointsTables, packsTables, settingsTables].join('\n');

/** Every version since the first, in order. */
export const migrations: readonly Migration[] = [
  { version: 1, sql: version1 }, { version: 2, sql: studies }, { version: 3, sql: groupsAndVotes }, { version: 4, sql: workbench },
];
