/**
 * The normalizers of a tokenizer.json that T5 files use, as functions on text; any other is refused by name.
 * Source: tokenizers src/normalizers/. Its `Precompiled` differs from SentencePiece's own normalizer on purpose (its authors
 * say so): a grapheme cluster of fewer than six bytes is looked up as a whole and replaced as a whole by its *shortest*
 * matching rule; longer clusters go character by character. Ids made with a tokenizer.json follow that, so this does too.
 */
import { asArray, asFlag, asObject, asString, unexpectedValue } from './json-value.ts';
import { normalizedLengthLimit, requireNormalizedLength } from './normalized-length.ts';
import { PrecompiledCharsmap } from './precompiled-charsmap.ts';
import { TokenizerError } from './tokenizer-error.ts';
import { isWhitespace } from './whitespace.ts';

/** @throws TokenizerError `tokenizer-normalizer-explodes`, see normalized-length.ts. */
export type StringNormalizer = (text: string) => string;

/** One normalizer within all of them: `limit` is for what comes out of any, in UTF-16 units. */
type Step = (text: string, limit: number) => string;

/** Enough for every nesting that a real file has. */
const maxDepth = 8;
/** UTF-16 units of a replacement that is worth keeping; real ones have at most 18. */
const longestKept = 64;

/** @throws TokenizerError for a malformed normalizer, or `tokenizer-normalizer-unknown`. */
export function readNormalizer(value: unknown, path: string): StringNormalizer {
  const step = readStep(value, path, 0);
  return (text) => step(text, normalizedLengthLimit(text.length));
}

function readStep(value: unknown, path: string, depth: number): Step {
  if (value === null || value === undefined) return (text) => text;
  if (depth > maxDepth) throw unexpectedValue(value, path, `at most ${maxDepth} nested normalizers`);
  const spec = asObject(value, path);
  const type = asString(spec['type'], `${path}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = asArray(spec['normalizers'], `${path}.normalizers`).map((step, index) =>
        readStep(step, `${path}.normalizers[${index}]`, depth + 1),
      );
      return (text, limit) =>
        steps.reduce((current, step) => {
          const next = step(current, limit);
          requireNormalizedLength(next.length, limit);
          return next;
        }, text);
    }
    case 'Precompiled':
      return readPrecompiled(spec['precompiled_charsmap'], `${path}.precompiled_charsmap`);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(type);
    case 'Lowercase':
      return (text) => text.toLowerCase();
    case 'Strip': {
      const left = asFlag(spec['strip_left'], `${path}.strip_left`, 'true');
      const right = asFlag(spec['strip_right'], `${path}.strip_right`, 'true');
      return (text) => strip(text, { left, right });
    }
    case 'Prepend': {
      const prefix = asString(spec['prepend'], `${path}.prepend`);
      return (text) => (text === '' ? text : prefix + text);
    }
    case 'Replace':
      return readReplace(spec['pattern'], asString(spec['content'], `${path}.content`), `${path}.pattern`);
    default:
      throw new TokenizerError({
        code: 'tokenizer-normalizer-unknown',
        found: `the normalizer ${type.slice(0, 40)} at ${path}`,
        expected: 'those of T5 files: Precompiled, NFC, NFD, NFKC, NFKD, Lowercase, Strip, Prepend, Replace, Sequence',
        action: 'Use the spiece.model of the checkpoint instead.',
      });
  }
}

/** Patterns of a file are never run as regular expressions: the one that T5 files hold is known, and takes linear time. */
function readReplace(value: unknown, content: string, path: string): Step {
  const pattern = asObject(value, path);
  const literal = pattern['String'];
  if (typeof literal === 'string' && literal !== '') return (text, limit) => replaceBounded(text, literal, content, limit);
  if (pattern['Regex'] === ' {2,}') return (text, limit) => replaceBounded(text, / {2,}/g, content, limit);
  throw unexpectedValue(pattern['Regex'] ?? literal, path, 'a text, or the regular expression " {2,}"');
}

/** Looks at the length before the text is made, because afterwards the memory is spent. */
function replaceBounded(text: string, pattern: string | RegExp, content: string, limit: number): string {
  let length = text.length;
  return text.replaceAll(pattern, (match) => {
    length += content.length - match.length;
    requireNormalizedLength(length, limit);
    return content;
  });
}

function strip(text: string, sides: { left: boolean; right: boolean }): string {
  let start = 0;
  let end = text.length;
  if (sides.left) while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  if (sides.right) while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function readPrecompiled(value: unknown, path: string): Step {
  // Older files write null or "" for the identity.
  if (value === null || value === '') return (text) => text;
  const encoded = asString(value, path);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw unexpectedValue(encoded, path, 'base64');
  return makePrecompiled(new PrecompiledCharsmap(Buffer.from(encoded, 'base64')));
}

function makePrecompiled(charsmap: PrecompiledCharsmap): Step {
  const scratch = Buffer.alloc(8);
  /** The replacement of a cluster of at most 8 bytes, or null where no rule matches. */
  const transform = (cluster: string): string | null => {
    const length = scratch.write(cluster, 'utf8');
    if (charsmap.matchShortest(scratch, 0, length) === 0) return null;
    const { replacementBytes, replacementStart, replacementEnd } = charsmap;
    return Buffer.from(replacementBytes.subarray(replacementStart, replacementEnd)).toString('utf8');
  };
  const characters = new Map<string, string>();
  const transformCharacter = (character: string): string => {
    const known = characters.get(character);
    if (known !== undefined) return known;
    const result = transform(character) ?? character;
    // Bounded, so that neither texts nor a file's rules can grow it without end.
    if (characters.size < 1 << 16 && result.length <= longestKept) characters.set(character, result);
    return result;
  };
  const transformCluster = (cluster: string, limit: number): string => {
    if (isOneCharacter(cluster)) return transformCharacter(cluster);
    const whole = Buffer.byteLength(cluster, 'utf8') < 6 ? transform(cluster) : null;
    if (whole !== null) return whole;
    let result = '';
    for (const character of cluster) {
      result += transformCharacter(character);
      requireNormalizedLength(result.length, limit);
    }
    return result;
  };
  return (text, limit) => mapClusters(text, limit, transformCluster);
}

function isOneCharacter(cluster: string): boolean {
  return cluster.length === 1 || (cluster.length === 2 && (cluster.codePointAt(0) ?? 0) > 0xffff);
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Replaces every grapheme cluster. The segmenter costs microseconds a call, so it only sees the stretches where characters
 * may join: between two plain ones a cluster always ends, CR LF excepted.
 */
function mapClusters(text: string, limit: number, transform: (cluster: string, limit: number) => string): string {
  let result = '';
  let start = 0;
  for (let index = 1; index <= text.length; index++) {
    if (index < text.length && !partsFromPrevious(text, index)) continue;
    const stretch = text.slice(start, index);
    if (stretch.length === 1 || stretch === '\r\n') result += transform(stretch, limit);
    else for (const { segment } of graphemes.segment(stretch)) result += transform(segment, limit);
    requireNormalizedLength(result.length, limit);
    start = index;
  }
  return result;
}

function partsFromPrevious(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  const after = text.charCodeAt(index);
  return isPlain(before) && isPlain(after) && !(before === 0x0d && after === 0x0a);
}

/**
 * First and last UTF-16 unit of ranges whose Grapheme_Cluster_Break is Other, Control, LV or LVT throughout: nothing here
 * extends, prepends or composes. Not all such characters, only the common scripts. Source: Unicode UAX 29.
 */
const plainRanges = [
  [0x0000, 0x02ff], [0x0370, 0x0482], [0x048a, 0x052f], [0x1e00, 0x1fff], [0x2010, 0x2027], [0x20a0, 0x20bf],
  [0x3000, 0x3029], [0x3041, 0x3096], [0x30a1, 0x30fa], [0x3400, 0x9fff], [0xac00, 0xd7a3], [0xff01, 0xff9d],
] as const;

function isPlain(unit: number): boolean {
  if (unit <= 0x02ff) return true;
  for (const [first, last] of plainRanges) if (unit >= first && unit <= last) return true;
  return false;
}
