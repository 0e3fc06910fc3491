/** The last words of a worker, for a hint; the log itself is for whoever looks into a defect. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const tailBytes = 4096;
const longestLine = 200;

/** @returns the last line that says something and is not part of a stack trace, cut to 200 characters; null where there is none. */
export function lastLineOf(logFile: string): string | null {
  const line = readTail(logFile)
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text !== '' && !/^(?:at |Node\.js v|[{}^~]+$)/.test(text));
  // A log is not ours alone: native libraries print control characters into it.
  return line === undefined ? null : line.replaceAll(/\p{Cc}/gu, ' ').slice(0, longestLine);
}

function readTail(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const buffer = Buffer.alloc(Math.min(tailBytes, size));
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A hint that cannot be read is no reason for another error.
    return '';
  }
}
