/** The order of queued runs, and what people write on runs: part of schema version 4. */
export const queueTables = `
-- runs that one worker trains together wait as one; gone when all of them have ended
CREATE TABLE queue_entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  position INTEGER NOT NULL,
  stops INTEGER NOT NULL DEFAULT 0 CHECK (stops IN (0, 1)),   -- asked to end with the best of what there is
  added_at INTEGER NOT NULL
) STRICT;
CREATE INDEX queue_entries_by_position ON queue_entries (position);

CREATE TABLE queue_runs (
  run INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
  entry INTEGER NOT NULL REFERENCES queue_entries (number) ON DELETE CASCADE
) STRICT;
CREATE INDEX queue_runs_by_entry ON queue_runs (entry);

CREATE TABLE queue_state (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  paused_at INTEGER,                    -- NULL while it starts runs
  paused_because TEXT,                  -- a sentence where no person paused it
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE run_annotations (
  run INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
  note TEXT NOT NULL,
  tags TEXT NOT NULL CHECK (json_valid(tags)),
  starred INTEGER NOT NULL CHECK (starred IN (0, 1))
) STRICT;
`;
