/**
 * Tokens that are cut out of the text before the model sees it: `</s>`, `<extra_id_0>` and what a tokenizer.json adds.
 * Leftmost, then longest; single_word, lstrip and rstrip as in tokenizers' added_vocabulary.rs (find_matches).
 */
import { TokenizerError } from './tokenizer-error.ts';
import { isWhitespace } from './whitespace.ts';

export interface AddedToken {
  id: number;
  text: string;
  /** Swallows the whitespace before it. */
  lstrip: boolean;
  /** Swallows the whitespace after it. */
  rstrip: boolean;
  /** Matches only where no letter or digit touches it. */
  singleWord: boolean;
}

/** T5's sentinels have 1,400 together; the bound keeps a hostile file from filling memory with the nodes below. */
const maxTotalLength = 100_000;

interface TrieNode {
  token: AddedToken | null;
  children: Map<number, TrieNode>;
}

export class AddedTokens {
  readonly #root: TrieNode = { token: null, children: new Map() };

  /** @throws TokenizerError `tokenizer-too-large` for more than 100,000 characters in all. */
  constructor(tokens: readonly AddedToken[]) {
    const total = tokens.reduce((sum, token) => sum + token.text.length, 0);
    if (total > maxTotalLength) {
      throw new TokenizerError({
        code: 'tokenizer-too-large',
        found: `${tokens.length} added or control tokens of ${total} characters in all`,
        expected: `at most ${maxTotalLength} characters`,
        action: 'The file is damaged or no tokenizer of a T5; choose another.',
      });
    }
    for (const token of tokens) this.#insert(token);
  }

  /**
   * Walks the text from left to right: `onText` for what lies between tokens (never empty, with its UTF-16 offset),
   * `onToken` for each token.
   */
  split(text: string, onText: (text: string, offset: number) => void, onToken: (id: number) => void): void {
    let done = 0;
    for (let position = 0; position < text.length; ) {
      const token = this.#longestAt(text, position);
      if (token === null) {
        position++;
        continue;
      }
      const end = position + token.text.length;
      if (!token.singleWord || standsAlone(text, position, end)) {
        const from = token.lstrip ? skipSpacesBackward(text, position, done) : position;
        if (from > done) onText(text.slice(done, from), done);
        onToken(token.id);
        done = token.rstrip ? skipSpacesForward(text, end) : end;
      }
      position = Math.max(end, done);
    }
    if (done < text.length) onText(done === 0 ? text : text.slice(done), done);
  }

  #insert(token: AddedToken): void {
    let node = this.#root;
    for (let index = 0; index < token.text.length; index++) {
      const unit = token.text.charCodeAt(index);
      let next = node.children.get(unit);
      if (next === undefined) {
        next = { token: null, children: new Map() };
        node.children.set(unit, next);
      }
      node = next;
    }
    node.token = token;
  }

  #longestAt(text: string, start: number): AddedToken | null {
    let node = this.#root.children.get(text.charCodeAt(start));
    let longest: AddedToken | null = null;
    for (let index = start + 1; node !== undefined; index++) {
      if (node.token !== null) longest = node.token;
      if (index >= text.length) break;
      node = node.children.get(text.charCodeAt(index));
    }
    return longest;
  }
}

const wordAtEnd = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]$/u;
const wordAtStart = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]/u;

/** One code point is at most two UTF-16 units, so looking at two is enough. */
function standsAlone(text: string, start: number, end: number): boolean {
  return !wordAtEnd.test(text.slice(Math.max(0, start - 2), start)) && !wordAtStart.test(text.slice(end, end + 2));
}

function skipSpacesBackward(text: string, from: number, lowest: number): number {
  let position = from;
  while (position > lowest && isWhitespace(text.charCodeAt(position - 1))) position--;
  return position;
}

function skipSpacesForward(text: string, from: number): number {
  let position = from;
  while (position < text.length && isWhitespace(text.charCodeAt(position))) position++;
  return position;
}
