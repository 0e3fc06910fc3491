/** A model of the workspace as a worker needs it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../contract/problem.ts';
import type { EvaluateJob } from '../contract/worker-protocol.ts';
import type { ModelName } from '../store/identifiers.ts';
import type { ModelRow } from '../store/models-table.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { findTokenizerFile } from '../token/index.ts';
import { hashData } from './data-files.ts';

/** @throws {Problem} `model-not-found`, `model-folder-missing` */
export function locateModel(workspace: ReadableWorkspace, name: ModelName): EvaluateJob['model'] {
  const row = getPresentModel(workspace, name);
  return {
    directory: row.directory,
    cacheDirectory: row.preparedDirectory ?? cacheDirectoryOf(workspace, name),
    fingerprint: row.fingerprint,
    answerConvention: row.answerConvention,
  };
}

/** @returns the model, whose folder is where it was; whether it is as it was is seen by who reads it. @throws {Problem} as locateModel */
export function getPresentModel(workspace: ReadableWorkspace, name: ModelName): ModelRow {
  const row = workspace.models.get(name);
  if (existsSync(row.directory)) return row;
  throw new Problem({
    code: 'model-folder-missing',
    found: `no folder of the model ${name} any more`,
    expected: 'the folder that was added under this name',
    action: 'Put the folder back, or add the model from its new place under another name.',
    place: { file: row.directory },
  });
}

/** @returns the SHA-256 of the model's tokenizer file. @throws `tokenizer-missing` */
export function hashTokenizer({ directory }: Pick<ModelRow, 'directory'>): Promise<string> {
  return hashData(findTokenizerFile(directory));
}

/** @throws {Problem} `tokenizer-changed`, with both hashes; or `tokenizer-missing` */
export async function requireSameTokenizer(model: Pick<ModelRow, 'directory'>, sha256: string): Promise<void> {
  const found = await hashTokenizer(model);
  if (found === sha256) return;
  throw new Problem({
    code: 'tokenizer-changed',
    found: `a tokenizer with SHA-256 ${found}`,
    expected: `${sha256}, the tokenizer that the run began with`,
    action: 'Put the original tokenizer back, or start a new run with this one.',
    place: { file: findTokenizerFile(model.directory) },
  });
}

/** A name may hold `/` and any script: the readable part is for people, the hash keeps names apart. */
export function cacheDirectoryOf(workspace: ReadableWorkspace, name: ModelName): string {
  const readable = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40);
  return join(workspace.folder('models'), `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`);
}
