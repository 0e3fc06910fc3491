/** Imported prompt packs: part of schema version 4. */
export const packsTables = `
-- prompts that came from outside; a file of another program is kept as the pack that was made of it
CREATE TABLE packs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  origin TEXT NOT NULL CHECK (origin IN ('pack', 'pack-folder', 'peft', 'numpy', 'torch', 'safetensors')),
  source TEXT NOT NULL,                                  -- where the file was
  manifest TEXT NOT NULL CHECK (json_valid(manifest)),   -- byte for byte, so that an export is the same pack
  base_fingerprint TEXT CHECK (length(base_fingerprint) = 64),   -- NULL where the model is not known
  imported_at INTEGER NOT NULL,
  trashed_at INTEGER
) STRICT;
CREATE INDEX packs_by_base ON packs (base_fingerprint);

CREATE TABLE pack_prompts (
  pack INTEGER NOT NULL REFERENCES packs (number) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),       -- in the pack, from 0
  adapter_config TEXT NOT NULL CHECK (length(adapter_config) = 64),
  adapter_weights TEXT NOT NULL CHECK (length(adapter_weights) = 64),
  trained TEXT NOT NULL CHECK (length(trained) = 64),    -- as a run's checkpoint
  PRIMARY KEY (pack, position)
) STRICT, WITHOUT ROWID;
`;
