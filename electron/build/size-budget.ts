/** How large a package becomes, and what of it is Electron's own. */
import { createReadStream, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Of a package for Linux x64. */
export const packedBudgetBytes = 230e6;

export interface PackedSize {
  /** What program, Node, page and data come to, compressed. */
  ownBytes: number;
  electronBytes: number;
}

/** Compresses everything as a tar.gz would; within a few per cent of what an installer comes to, and above the better ones. */
export async function measurePacked(appFolder: string): Promise<PackedSize> {
  const size: PackedSize = { ownBytes: 0, electronBytes: 0 };
  const own = join(appFolder, 'resources') + sep;
  for (const entry of readdirSync(appFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await gzippedBytes(file);
    if (file.startsWith(own)) size.ownBytes += bytes;
    else size.electronBytes += bytes;
  }
  return size;
}

async function gzippedBytes(file: string): Promise<number> {
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(file), createGzip({ level: 6 }), counter);
  return bytes;
}

function megabytesText(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

export function describeSize({ ownBytes, electronBytes }: PackedSize): string {
  const total = ownBytes + electronBytes;
  return `${megabytesText(total)} packed (gzip), of which Electron itself is ${megabytesText(electronBytes)} and Souffleur with its own Node ${megabytesText(ownBytes)}; the budget is ${megabytesText(packedBudgetBytes)}.`;
}

