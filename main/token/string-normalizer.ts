/**
 * The normalizers of a tokenizer.json that T5 files use, as functions on text; any other is refused by name.
 * Source: tokenizers src/normalizers/. Its `Precompiled` differs from SentencePiece's own normalizer on purpose (its authors
 * say so): a grapheme cluster of fewer than six bytes is looked up as a whole and replaced as a whole by its *shortest*
 * matching rule; longer clusters go character by character. Ids made with a tokenizer.json follow that, so this does too.
 */
import { asArray, asFlag, asObject, asString, unexpectedValue } from './json-value.ts';
import { PrecompiledCharsmap } from './precompiled-charsmap.ts';
import { TokenizerError } from './tokenizer-error.ts';
import { isWhitespace } from './whitespace.ts';

export type StringNormalizer = (text: string) => string;

/** Enough for every nesting that a real file has. */
const maxDepth = 8;

/** @throws TokenizerError for a malformed normalizer, or `tokenizer-normalizer-unknown`. */
export function readNormalizer(value: unknown, path: string, depth = 0): StringNormalizer {
  if (value === null || value === undefined) return (text) => text;
  if (depth > maxDepth) throw unexpectedValue(value, path, `at most ${maxDepth} nested normalizers`);
  const spec = asObject(value, path);
  const type = asString(spec['type'], `${path}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = asArray(spec['normalizers'], `${path}.normalizers`).map((step, index) =>
        readNormalizer(step, `${path}.normalizers[${index}]`, depth + 1),
      );
      return (text) => steps.reduce((current, step) => step(current), text);
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
function readReplace(value: unknown, content: string, path: string): StringNormalizer {
  const pattern = asObject(value, path);
  const literal = pattern['String'];
  if (typeof literal === 'string' && literal !== '') return (text) => text.replaceAll(literal, () => content);
  if (pattern['Regex'] === ' {2,}') return (text) => text.replaceAll(/ {2,}/g, () => content);
  throw unexpectedValue(pattern['Regex'] ?? literal, path, 'a text, or the regular expression " {2,}"');
}

function strip(text: string, sides: { left: boolean; right: boolean }): string {
  let start = 0;
  let end = text.length;
  if (sides.left) while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  if (sides.right) while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function readPrecompiled(value: unknown, path: string): StringNormalizer {
  // Older files write null or "" for the identity.
  if (value === null || value === '') return (text) => text;
  const encoded = asString(value, path);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw unexpectedValue(encoded, path, 'base64');
  return makePrecompiled(new PrecompiledCharsmap(Buffer.from(encoded, 'base64')));
}

function makePrecompiled(charsmap: PrecompiledCharsmap): StringNormalizer {
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
    // Bounded, so that a text cannot grow it without end.
    if (characters.size < 1 << 16) characters.set(character, result);
    return result;
  };
  const transformCluster = (cluster: string): string => {
    if (isOneCharacter(cluster)) return transformCharacter(cluster);
    const whole = Buffer.byteLength(cluster, 'utf8') < 6 ? transform(cluster) : null;
    if (whole !== null) return whole;
    let result = '';
    for (const character of cluster) result += transformCharacter(character);
    return result;
  };
  return (text) => mapClusters(text, transformCluster);
}

function isOneCharacter(cluster: string): boolean {
  return cluster.length === 1 || (cluster.length === 2 && (cluster.codePointAt(0) ?? 0) > 0xffff);
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Replaces every grapheme cluster. Two neighbouring ASCII characters always part, CR LF excepted, so only stretches around
 * other characters meet the (slow) segmenter.
 */
function mapClusters(text: string, transform: (cluster: string) => string): string {
  let result = '';
  let start = 0;
  for (let index = 1; index <= text.length; index++) {
    if (index < text.length && !partsFromPrevious(text, index)) continue;
    if (index === start + 1) result += transform(text.charAt(start));
    else for (const { segment } of graphemes.segment(text.slice(start, index))) result += transform(segment);
    start = index;
  }
  return result;
}

function partsFromPrevious(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  const after = text.charCodeAt(index);
  if (before < 0x80 && after < 0x80) return !(before === 0x0d && after === 0x0a);
  // Han and hiragana neither extend nor prepend; parting them keeps long Chinese texts fast.
  return isIdeograph(before) && isIdeograph(after);
}

function isIdeograph(unit: number): boolean {
  return (unit >= 0x4e00 && unit <= 0x9fff) || (unit >= 0x3041 && unit <= 0x3096) || (unit >= 0x3400 && unit <= 0x4dbf);
}
