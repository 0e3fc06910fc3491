/** A model of the workspace as a worker needs it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EvaluateJob } from '../contract/worker-protocol.ts';
import type { ModelName } from '../store/identifiers.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';

/** @throws {Problem} `model-not-found` */
export function locateModel(workspace: ReadableWorkspace, name: ModelName): EvaluateJob['model'] {
  const row = workspace.models.get(name);
  return {
    directory: row.directory,
    cacheDirectory: row.preparedDirectory ?? cacheDirectoryOf(workspace, name),
    fingerprint: row.fingerprint,
    answerConvention: row.answerConvention,
  };
}

/** A name may hold `/` and any script: the readable part is for people, the hash keeps names apart. */
export function cacheDirectoryOf(workspace: ReadableWorkspace, name: ModelName): string {
  const readable = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40);
  return join(workspace.folder('models'), `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`);
}
