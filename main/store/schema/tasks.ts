/** The task library: part of schema version 4. */
export const tasksTables = `
CREATE TABLE tasks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  created_at INTEGER NOT NULL,
  trashed_at INTEGER
) STRICT;

-- every edit is a new row; the highest version is the task as it is now
CREATE TABLE task_versions (
  task INTEGER NOT NULL REFERENCES tasks (number) ON DELETE CASCADE,
  version INTEGER NOT NULL CHECK (version > 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64),          -- of the definition's canonical JSON
  definition TEXT NOT NULL CHECK (json_valid(definition)),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (task, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER task_versions_never_change BEFORE UPDATE ON task_versions
BEGIN SELECT raise(ABORT, 'a version of a task never changes'); END;
`;
