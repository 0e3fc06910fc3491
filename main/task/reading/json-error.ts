/** Where a text stops being JSON. `JSON.parse` says so only for some errors, and in an engine's own words. */

type State = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'after';

/** A step of the scan: where it went and what may come next, or `error` when the character at `at` cannot stand there. */
interface Step {
  at: number;
  state: State | 'error';
}

const numberOrWord = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Index (UTF-16 units) of the first place where the text can no longer be JSON, its length when it ends too early,
 * or null when it is JSON. Iterative: nesting costs no stack.
 */
export function locateJsonError(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let at = skipWhiteSpace(text, 0);
  let state: State = 'value';
  while (at < text.length || state !== 'after' || open.length > 0) {
    if (at >= text.length) return text.length;
    const step = advance(text, at, state, open);
    if (step.state === 'error') return step.at;
    state = step.state;
    at = skipWhiteSpace(text, step.at);
  }
  return null;
}

function advance(text: string, at: number, state: State, open: ('{' | '[')[]): Step {
  const character = text[at];
  if (state === 'after') return afterValue(character, at, open);
  if (state === 'colon') return character === ':' ? { at: at + 1, state: 'value' } : { at, state: 'error' };
  if ((state === 'key-or-end' && character === '}') || (state === 'value-or-end' && character === ']')) {
    open.pop();
    return { at: at + 1, state: 'after' };
  }
  if (state === 'key' || state === 'key-or-end') return character === '"' ? quotedText(text, at, 'colon') : { at, state: 'error' };
  if (character === '{' || character === '[') {
    open.push(character);
    return { at: at + 1, state: character === '{' ? 'key-or-end' : 'value-or-end' };
  }
  if (character === '"') return quotedText(text, at, 'after');
  numberOrWord.lastIndex = at;
  return numberOrWord.test(text) ? { at: numberOrWord.lastIndex, state: 'after' } : { at, state: 'error' };
}

function afterValue(character: string | undefined, at: number, open: ('{' | '[')[]): Step {
  const inside = open.at(-1);
  if (inside !== undefined && character === ',') return { at: at + 1, state: inside === '{' ? 'key' : 'value' };
  if (inside === undefined || character !== (inside === '{' ? '}' : ']')) return { at, state: 'error' };
  open.pop();
  return { at: at + 1, state: 'after' };
}

/** A text in quotes that begins at `at`. */
function quotedText(text: string, at: number, next: State): Step {
  for (let index = at + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return { at: index + 1, state: next };
    if (code < 0x20) return { at: index, state: 'error' };
    if (code !== 0x5c) continue;
    const escaped = text.slice(index + 1, index + 6);
    if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(escaped)) return { at: index, state: 'error' };
    index += escaped.startsWith('u') ? 5 : 1;
  }
  return { at: text.length, state: 'error' };
}

function skipWhiteSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at += 1;
  return at;
}
