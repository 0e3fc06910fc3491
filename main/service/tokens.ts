/** Texts as a model's ids and pieces. */
import { existsSync } from 'node:fs';
import { Problem } from '../contract/problem.ts';
import { loadTokenizerSync, type Tokenizer } from '../token/index.ts';
import { openWorkspace } from '../store/workspace.ts';
import { parseModelName } from '../store/identifiers.ts';

export interface Tokenization {
  ids: number[][];
  tokens: string[][];
}

/** The answer is one object, held until it is written: about 120 bytes a token on the way out. */
const mostTokens = 500_000;
/** Far beyond what a model reads; encoding a text takes up to 100 times its bytes. */
const mostLineBytes = 1024 * 1024;

/**
 * @param model a folder, a tokenizer file, or the name of a model in the workspace; a path comes first.
 * @throws {Problem} `model-not-found`, `workspace-missing`, and those of the tokenizer's files
 */
export function openTokenizerSync(model: string, workspaceDirectory: string): Tokenizer {
  if (existsSync(model) || /^[./~]|\\|\.(?:json|model)$/.test(model)) return loadTokenizerSync(model);
  const workspace = openWorkspace(workspaceDirectory, { access: 'read' });
  try {
    return loadTokenizerSync(workspace.models.get(parseModelName(model)).directory);
  } finally {
    workspace.close();
  }
}

/**
 * Encodes one JSON string a line; the end of sequence is added to each.
 * @throws {Problem} `tokens-line` with the line's number, `tokens-too-long`, `tokens-encoding`
 */
export async function tokenizeLines(tokenizer: Tokenizer, input: AsyncIterable<Uint8Array>): Promise<Tokenization> {
  const result: Tokenization = { ids: [], tokens: [] };
  let line = 0;
  let count = 0;
  for await (const text of readLines(input)) {
    line += 1;
    const ids = [...tokenizer.encode(parseLine(text, line)), tokenizer.eosId];
    count += ids.length;
    if (count > mostTokens) throw tooLong(`more than ${mostTokens.toLocaleString('en')} tokens in all`, line);
    result.ids.push(ids);
    result.tokens.push(tokenizer.pieces(ids));
  }
  return result;
}

/** Splits bytes, so that an invalid byte is reported on its own line. */
async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let line = 1;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield decodeLine([...parts, chunk.subarray(start, end)], line);
      parts = [];
      bytes = 0;
      line += 1;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > mostLineBytes) throw tooLong(`a line of more than ${mostLineBytes / 1024 / 1024} MiB`, line);
  }
  if (parts.length > 0) yield decodeLine(parts, line);
}

function decodeLine(parts: readonly Uint8Array[], line: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch (cause) {
    throw new Problem({
      code: 'tokens-encoding', found: 'bytes that are no UTF-8', expected: 'UTF-8 text', action: 'Convert the input to UTF-8.',
      place: { file: 'standard input', line }, cause,
    });
  }
}

function parseLine(text: string, line: number): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badLine(text.trim() === '' ? 'an empty line' : `no JSON: ${shorten(text)}`, line);
  }
  if (typeof value === 'string') return value;
  throw badLine(`JSON that is no string: ${shorten(text)}`, line);
}

function badLine(found: string, line: number): Problem {
  return new Problem({
    code: 'tokens-line',
    found,
    expected: 'one JSON string a line, such as "Hello world"',
    action: 'Correct this line; quotes belong around the text, and quotes inside it need a backslash.',
    place: { file: 'standard input', line },
  });
}

function tooLong(found: string, line: number): Problem {
  return new Problem({
    code: 'tokens-too-long',
    found,
    expected: 'texts that fit into memory with their tokens',
    action: 'Split the text into several lines, and a long input into several.',
    place: { file: 'standard input', line },
  });
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
