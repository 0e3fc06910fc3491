/**
 * The pre-tokenizers of a tokenizer.json that T5 files use: Metaspace, WhitespaceSplit and their Sequence.
 * Source: tokenizers src/pre_tokenizers/{metaspace,whitespace}.rs.
 */
import { asArray, asFlag, asObject, asString, unexpectedValue } from './json-value.ts';
import type { JsonObject } from './json-value.ts';
import { TokenizerError } from './tokenizer-error.ts';
import { isWhitespace, visibleSpace } from './whitespace.ts';

/** A stretch of text that the model segments on its own. */
interface Word {
  text: string;
  /** Whether it begins at the very start of the whole text: what prepend_scheme "first" asks. */
  atTextStart: boolean;
}

type PreTokenizer = (words: Word[]) => Word[];

type PrependScheme = 'always' | 'first' | 'never';

export interface PreTokenizerReading {
  apply: PreTokenizer;
  /** Of the last Metaspace in it; null: there is none. */
  prependScheme: PrependScheme | null;
}

const maxDepth = 8;

/** @throws TokenizerError for a malformed pre-tokenizer, or `tokenizer-pretokenizer-unknown`. */
export function readPreTokenizer(value: unknown, path: string, depth = 0): PreTokenizerReading {
  if (value === null || value === undefined) return { apply: (words) => words, prependScheme: null };
  if (depth > maxDepth) throw unexpectedValue(value, path, `at most ${maxDepth} nested pre-tokenizers`);
  const spec = asObject(value, path);
  const type = asString(spec['type'], `${path}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = asArray(spec['pretokenizers'], `${path}.pretokenizers`).map((step, index) =>
        readPreTokenizer(step, `${path}.pretokenizers[${index}]`, depth + 1),
      );
      return {
        apply: (words) => steps.reduce((current, step) => step.apply(current), words),
        prependScheme: steps.findLast((step) => step.prependScheme !== null)?.prependScheme ?? null,
      };
    }
    case 'WhitespaceSplit':
      return { apply: (words) => words.flatMap(splitAtWhitespace), prependScheme: null };
    case 'Metaspace':
      return readMetaspace(spec, path);
    default:
      throw new TokenizerError({
        code: 'tokenizer-pretokenizer-unknown',
        found: `the pre-tokenizer ${type.slice(0, 40)} at ${path}`,
        expected: 'those of T5 files: Metaspace, WhitespaceSplit, Sequence',
        action: 'Use the spiece.model of the checkpoint instead.',
      });
  }
}

function readMetaspace(spec: JsonObject, path: string): PreTokenizerReading {
  const replacement = asString(spec['replacement'], `${path}.replacement`);
  if (replacement !== visibleSpace) throw unexpectedValue(replacement, `${path}.replacement`, `"${visibleSpace}"`);
  const prependScheme = readPrependScheme(spec, path);
  const splits = asFlag(spec['split'], `${path}.split`, 'true');
  return {
    prependScheme,
    apply: (words) =>
      words.flatMap((word) => {
        let text = word.text.replaceAll(' ', visibleSpace);
        const wanted = prependScheme === 'always' || (prependScheme === 'first' && word.atTextStart);
        if (wanted && !text.startsWith(visibleSpace)) text = visibleSpace + text;
        return splits ? splitBeforeSpaces(text, word) : [{ text, atTextStart: word.atTextStart }];
      }),
  };
}

/** Files before tokenizers 0.14 say `add_prefix_space` instead. */
function readPrependScheme(spec: JsonObject, path: string): PrependScheme {
  const scheme = spec['prepend_scheme'];
  if (scheme === undefined) return asFlag(spec['add_prefix_space'], `${path}.add_prefix_space`, 'true') ? 'always' : 'never';
  if (scheme === 'always' || scheme === 'first' || scheme === 'never') return scheme;
  throw unexpectedValue(scheme, `${path}.prepend_scheme`, '"always", "first" or "never"');
}

function splitAtWhitespace(word: Word): Word[] {
  const words: Word[] = [];
  const { text } = word;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    if (index < text.length && !isWhitespace(text.charCodeAt(index))) continue;
    if (index > start) words.push({ text: text.slice(start, index), atTextStart: word.atTextStart && start === 0 });
    start = index + 1;
  }
  return words;
}

/** Every visible space begins a word of its own. */
function splitBeforeSpaces(text: string, word: Word): Word[] {
  const words: Word[] = [];
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf(visibleSpace, start + 1);
    const end = next < 0 ? text.length : next;
    words.push({ text: text.slice(start, end), atTextStart: word.atTextStart && start === 0 });
    start = end;
  }
  return words;
}
