/** A command line as a person can paste it into a shell. */

export function commandText(words: readonly string[]): string {
  return words.map((word) => (/^[\w./=:,@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
