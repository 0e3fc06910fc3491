/** Settings of the workspace, and what a person marked: part of schema version 4. */
export const settingsTables = `
-- only what differs from its default
CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY CHECK (length(key) > 0),
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- stars and notes belong to the example, whatever runs are compared on it
CREATE TABLE example_marks (
  data TEXT NOT NULL CHECK (length(data) = 64),       -- of the file with the example; the file need not be kept
  example TEXT NOT NULL CHECK (length(example) > 0),
  is_starred INTEGER NOT NULL CHECK (is_starred IN (0, 1)),
  note TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (data, example)
) STRICT, WITHOUT ROWID;
`;
