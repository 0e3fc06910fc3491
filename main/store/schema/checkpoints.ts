/** What a person does with single checkpoints: part of schema version 4. */
export const checkpointsTables = `
ALTER TABLE checkpoints ADD COLUMN trashed_at INTEGER;
CREATE INDEX checkpoints_by_time ON checkpoints (created_at);

-- a prompt that is kept under a name, whatever happens to its run
CREATE TABLE checkpoint_pins (
  run INTEGER NOT NULL,
  step INTEGER NOT NULL,
  name TEXT NOT NULL CHECK (length(name) > 0),
  note TEXT NOT NULL,
  pinned_at INTEGER NOT NULL,
  PRIMARY KEY (run, step),
  FOREIGN KEY (run, step) REFERENCES checkpoints (run, step) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- measured facts of a prompt; request is the SHA-256 of everything else that decides them
CREATE TABLE prompt_facts (
  weights TEXT NOT NULL CHECK (length(weights) = 64),
  data TEXT NOT NULL CHECK (length(data) = 64),        -- of the examples' file; zeros where none was looked at
  request TEXT NOT NULL CHECK (length(request) = 64),
  facts TEXT NOT NULL CHECK (json_valid(facts)),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (weights, data, request)
) STRICT, WITHOUT ROWID;
`;
