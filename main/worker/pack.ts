/**
 * Process entry point: prompt packs, read and written. What is read comes from strangers, so the core starts this process without the
 * right to write anywhere but the staging folder (service/pack/pack-worker.ts); the files written there have names of our own.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { PackContent, ReadPackJob, WritePackJob, WrittenPack } from '../contract/pack-job.ts';
import { Problem } from '../contract/problem.ts';
import type { Job } from '../contract/worker-protocol.ts';
import { readManifest } from '../pack/manifest.ts';
import { manifestName } from '../pack/pack-files.ts';
import { readOnlyPrompt, type PromptTensor } from '../pack/prompt-tensor.ts';
import { readPackContent } from '../pack/read-content.ts';
import { composePack, zipFiles, type ComposedPack } from '../pack/write-pack.ts';
import { temporaryPathIn, writeFileAtomicSync } from '../store/atomic-file.ts';
import { serveOneJob } from './job.ts';

serveOneJob(async (job: Job, channel) => {
  switch (job.kind) {
    case 'read-pack':
      channel.emit({ kind: 'pack-read', result: await read(job) });
      return;
    case 'write-pack':
      channel.emit({ kind: 'pack-written', result: await write(job) });
      return;
    default:
      throw new Error(`this worker reads and writes packs; it was given a job to ${job.kind}`);
  }
});

async function read({ path, assumptions, stagingDirectory: folder }: ReadPackJob): Promise<PackContent> {
  // Not flushed: Node allows no fsync under its permissions, and the core makes what it keeps durable.
  return readPackContent({ path, assumptions }, folder === null ? null : (name, bytes) => writeFileSync(join(folder, name), bytes, { flag: 'wx' }));
}

async function write(job: WritePackJob): Promise<WrittenPack> {
  const pack = compose(job);
  const { manifest, files } = pack;
  if (job.form === 'folder') {
    writeFolder(job.path, pack);
    return { path: job.path, form: 'folder', bytes: files.reduce((total, { bytes }) => total + bytes.length, 0), sha256: null, manifest };
  }
  const zip = await zipFiles(files);
  writeFileAtomicSync(job.path, zip);
  return { path: job.path, form: 'file', bytes: zip.length, sha256: createHash('sha256').update(zip).digest('hex'), manifest };
}

function compose({ source, path }: WritePackJob): ComposedPack {
  switch (source.kind) {
    case 'prompts':
      return composePack(source.draft, source.files.map((file): PromptTensor => readOnlyPrompt(readFileSync(file), { file, name: 'prompt' })));
    case 'entries': {
      const manifestBytes = Buffer.from(source.manifestText);
      const files = source.entries.map(({ path: name, file }) => ({ name, bytes: readFileSync(file) }));
      return { manifest: readManifest(manifestBytes, path), files: [{ name: manifestName, bytes: manifestBytes }, ...files] };
    }
  }
}

/** Whole or not at all. @throws {Problem} `pack-target-exists` */
function writeFolder(path: string, { files }: ComposedPack): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false || (statSync(path, { throwIfNoEntry: false }) !== undefined && readdirSync(path).length > 0)) {
    throw new Problem({
      code: 'pack-target-exists', found: 'something in this place already', expected: 'a new or an empty folder', action: 'Choose another place, or remove what is there.', place: { file: path },
    });
  }
  const temporary = temporaryPathIn(dirname(path));
  try {
    for (const { name, bytes } of files) {
      mkdirSync(join(temporary, dirname(name)), { recursive: true });
      writeFileAtomicSync(join(temporary, name), bytes);
    }
    // Only an empty folder gives way to a rename.
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { recursive: true, force: true });
    throw thrown;
  }
}
