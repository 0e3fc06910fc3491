/** Imported data sets: part of schema version 4. */
export const datasetsTables = `
-- one version of a data set; its rows lie in the object store
CREATE TABLE datasets (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (length(name) > 0),
  version INTEGER NOT NULL CHECK (version > 0),          -- never given twice to a name, also after it was deleted
  source TEXT NOT NULL CHECK (json_valid(source)),       -- where it came from, and how it was read
  source_sha256 TEXT NOT NULL,                           -- over the names and contents of the files
  mapping TEXT NOT NULL CHECK (json_valid(mapping)),
  report TEXT NOT NULL CHECK (json_valid(report)),
  imported_at INTEGER NOT NULL,
  trashed_at INTEGER,
  UNIQUE (name, version)
) STRICT;

CREATE TABLE dataset_splits (
  dataset INTEGER NOT NULL REFERENCES datasets (number) ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (length(split) > 0),
  position INTEGER NOT NULL,
  object TEXT NOT NULL,                                  -- JSON Lines, a row a line, in the order of the source
  row_count INTEGER NOT NULL CHECK (row_count > 0),
  byte_count INTEGER NOT NULL,
  columns TEXT NOT NULL CHECK (json_valid(columns)),     -- in the order of the source
  PRIMARY KEY (dataset, split)
) STRICT, WITHOUT ROWID;
CREATE INDEX dataset_splits_by_object ON dataset_splits (object);

-- the highest version that a name ever had
CREATE TABLE dataset_names (
  name TEXT NOT NULL PRIMARY KEY,
  last_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- which column is which, as it was settled last for columns of these names, or saved under a name
CREATE TABLE column_mappings (
  signature TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',                         -- '' for the one that is remembered without a name
  mapping TEXT NOT NULL CHECK (json_valid(mapping)),
  used_at INTEGER NOT NULL,
  PRIMARY KEY (signature, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX column_mappings_by_name ON column_mappings (name) WHERE name <> '';
`;
