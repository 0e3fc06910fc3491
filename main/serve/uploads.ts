/**
 * Files that are dropped into a browser: a page has no paths, so the bytes come here, into a folder of the workspace, and the page gets
 * a grant for them as it would from the shell. A folder comes as several files of one upload. Gone when the server ends.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem, toProblem } from '../contract/problem.ts';
import type { FileGrants, GrantedFile } from '../service/file-grants.ts';

export interface Uploads {
  /**
   * Keeps one file of an upload. `PUT /upload/<id>/<path>`, the id made by the page, the path URL-encoded.
   * @throws {Problem} `upload-name-invalid`, `upload-too-large`, a system error
   */
  receive(request: IncomingMessage, pathname: string): Promise<void>;
  /** `POST /upload/<id>`: everything is here. @throws {Problem} `upload-unknown` */
  finish(pathname: string): GrantedFile;
  close(): void;
}

/** More is copied to the machine in better ways, and imported there by path. */
const mostBytes = 8 * 2 ** 30;
const mostFiles = 10_000;
const idPattern = /^[0-9a-f-]{36}$/;

export function openUploads(workspaceDirectory: string, grants: FileGrants): Uploads {
  const root = join(workspaceDirectory, 'uploads');
  rmSync(root, { recursive: true, force: true });
  const uploads = new Map<string, { folder: string; roots: Set<string>; files: number; bytes: number }>();

  const find = (id: string) => {
    const known = uploads.get(id) ?? { folder: join(root, randomUUID()), roots: new Set<string>(), files: 0, bytes: 0 };
    uploads.set(id, known);
    return known;
  };

  return {
    async receive(request, pathname) {
      const { id, segments } = parseUploadPath(pathname);
      const upload = find(id);
      upload.files += 1;
      if (upload.files > mostFiles) throw tooLarge(`more than ${mostFiles} files`);
      const path = join(upload.folder, ...segments);
      try {
        mkdirSync(dirname(path), { recursive: true });
        const counting = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            upload.bytes += chunk.length;
            done(upload.bytes > mostBytes ? tooLarge(`more than ${mostBytes} bytes`) : null, chunk);
          },
        });
        await pipeline(request, counting, createWriteStream(path, { flags: 'wx' }));
        upload.roots.add(segments[0] ?? '');
      } catch (thrown) {
        rmSync(path, { force: true });
        throw toProblem(thrown);
      }
    },
    finish(pathname) {
      const id = /^\/upload\/([0-9a-f-]{36})$/.exec(pathname)?.[1] ?? '';
      const upload = uploads.get(id);
      const [only, ...others] = upload?.roots ?? [];
      if (upload === undefined || only === undefined) {
        throw new Problem({ code: 'upload-unknown', found: 'the end of an upload that sent no file', expected: 'the files first', action: 'Drop the files again.' });
      }
      uploads.delete(id);
      return grants.add(others.length === 0 ? join(upload.folder, only) : upload.folder);
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Decoded once, then every part must be a plain name: nothing leads out of the upload's folder. */
function parseUploadPath(pathname: string): { id: string; segments: string[] } {
  const [, prefix, id = '', ...encoded] = pathname.split('/');
  const segments = encoded.map(decodeOrEmpty);
  if (prefix === 'upload' && idPattern.test(id) && segments.length >= 1 && segments.length <= 16 && segments.every(isPlain)) return { id, segments };
  throw new Problem({
    code: 'upload-name-invalid', found: 'a file name that this system cannot keep safely', expected: 'plain names, at most 16 folders deep', action: 'Rename the file and drop it again.',
  });
}

/** What every system can keep under this name, in this folder and no other. */
function isPlain(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255 && !/[/\\:*?"<>|\p{Cc}]/u.test(name);
}

function decodeOrEmpty(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function tooLarge(found: string): Problem {
  return new Problem({
    code: 'upload-too-large', found, expected: `at most ${mostFiles} files and ${mostBytes} bytes in one drop`, action: 'Copy the files to the machine that serves, and import them there by path.',
  });
}
