/** Words of a command line as a person can paste them into a shell. */

/** What the shell leaves as it is; zsh reads a `=` in front as a command's path. */
const plainPosix = /^[\w./:,@%+-][\w./:,@%+=-]*$/;
/** A comma makes a list there, @ splats, and a word that begins with - is cut at its first dot. */
const plainPowerShell = /^(?:--?[A-Za-z][\w-]*|[\w./:\\][\w./:\\=-]*)$/;

/** For sh, bash and zsh. */
export function commandText(words: readonly string[]): string {
  return words.map(quoteForPosix).join(' ');
}

/** For PowerShell 7.3 and later on any system: earlier ones lose double quotes on their way to a program. */
export function powerShellText(words: readonly string[]): string {
  return words.map(quoteForPowerShell).join(' ');
}

function quoteForPosix(word: string): string {
  return plainPosix.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Besides ' PowerShell takes the typographic quotes for quotes; doubled they stand for themselves. */
function quoteForPowerShell(word: string): string {
  return plainPowerShell.test(word) ? word : `'${word.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
}
