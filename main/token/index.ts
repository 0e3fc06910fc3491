/**
 * T5's tokenizer: SentencePiece unigram, from `spiece.model` or from `tokenizer.json`.
 *
 * Written here because the one maintained library, npm `@huggingface/tokenizers` 0.2.0, cannot read spiece.model, and on
 * tokenizer.json gives other ids than the reference (`tokenizers` 0.23.3 for Python) in 5 of the 63 texts of
 * test/token/fixture: it ignores the file's charsmap and runs JavaScript's NFKC in its place (U+0085, a ligature under an
 * accent, half-width kana, several accents on one letter). This one gives the reference's ids in all of them.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildFromSentencePiece, buildFromTokenizerJson } from './build-tokenizer.ts';
import { parseSentencePieceModel } from './sentencepiece-model.ts';
import { TokenizerError } from './tokenizer-error.ts';
import { parseTokenizerJson } from './tokenizer-json.ts';
import type { Tokenizer } from './tokenizer.ts';

export type { Tokenizer } from './tokenizer.ts';
export { TokenizerError } from './tokenizer-error.ts';

/** The largest tokenizer.json of the family (mT5, umT5) has some 17 MB. */
const maxFileBytes = 20 * 1024 * 1024;
const fileNames = ['tokenizer.json', 'spiece.model'] as const;

/**
 * Reads a tokenizer file, or the tokenizer of a hub folder (tokenizer.json before spiece.model). T5's takes about 0.1 s.
 * @throws TokenizerError for anything but a usable unigram tokenizer; file-system errors as Node throws them.
 */
export function loadTokenizerSync(path: string): Tokenizer {
  const file = statSync(path).isDirectory() ? findTokenizerFile(path) : path;
  try {
    const bytes = readSmallFile(file);
    return looksLikeJson(file, bytes) ? buildFromTokenizerJson(parseTokenizerJson(bytes)) : buildFromSentencePiece(parseSentencePieceModel(bytes));
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error;
    const { code, found, expected, action, place, cause } = error;
    throw new TokenizerError({ code, found, expected, action, place: { ...place, file }, cause });
  }
}

/** @returns the path of a folder's tokenizer: tokenizer.json, else spiece.model. @throws TokenizerError `tokenizer-missing` */
export function findTokenizerFile(folder: string): string {
  for (const name of fileNames) {
    const file = join(folder, name);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) return file;
  }
  throw new TokenizerError({
    code: 'tokenizer-missing',
    found: 'a folder with neither tokenizer.json nor spiece.model',
    expected: 'one of the two',
    action: 'Download the tokenizer of the model into this folder.',
    place: { file: folder },
  });
}

function readSmallFile(file: string): Buffer {
  const status = statSync(file);
  if (!status.isFile()) {
    throw new TokenizerError({
      code: 'tokenizer-not-a-file', found: 'no regular file', expected: 'a tokenizer file', action: 'Name the file itself.',
    });
  }
  if (status.size === 0 || status.size > maxFileBytes) {
    throw new TokenizerError({
      code: status.size === 0 ? 'tokenizer-empty' : 'tokenizer-too-large',
      found: status.size === 0 ? 'an empty file' : `a file of ${status.size} bytes`,
      expected: `a tokenizer of at most ${maxFileBytes} bytes`,
      action: 'Check that this is the tokenizer, and download it again.',
    });
  }
  const bytes = readFileSync(file);
  if (bytes.subarray(0, 200).toString('latin1').startsWith('version https://git-lfs')) {
    throw new TokenizerError({
      code: 'tokenizer-is-pointer',
      found: 'a Git LFS pointer instead of the file',
      expected: 'the tokenizer itself',
      action: 'Run `git lfs pull` in that folder, or download the file from the hub.',
    });
  }
  return bytes;
}

/** No SentencePiece model begins with `{` (it would be a group of field 15). */
function looksLikeJson(file: string, bytes: Uint8Array): boolean {
  if (file.endsWith('.json')) return true;
  // UTF-8's byte-order mark may stand before it.
  let index = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[index] === 0x20 || bytes[index] === 0x0a || bytes[index] === 0x0d || bytes[index] === 0x09) index++;
  return bytes[index] === 0x7b;
}
