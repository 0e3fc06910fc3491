/**
 * What rendering one row may cost. A row can hold 10 MB and a template can loop and double texts: both bounds together keep a row under
 * about a second and 200 MB, whatever the two hold.
 */
import { Problem } from '../../contract/problem.ts';

/** Nodes and items looked at. */
const mostSteps = 100_000;
/** Characters made or searched by operators and filters, and written. */
const mostCharacters = 40_000_000;

export class RenderBudget {
  #steps = mostSteps;
  #characters = mostCharacters;

  /** @throws {Problem} `pattern-too-much-work` */
  spendSteps(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw tooMuch(`more than ${mostSteps.toLocaleString('en')} steps`);
  }

  /** Before the text is made. @throws {Problem} `pattern-too-much-work` */
  spendCharacters(count: number): void {
    this.#characters -= count;
    if (this.#characters < 0) throw tooMuch(`more than ${mostCharacters.toLocaleString('en')} characters`);
  }
}

function tooMuch(what: string): Problem {
  return new Problem({
    code: 'pattern-too-much-work',
    found: `a pattern that makes ${what} of one row`,
    expected: 'a text that a model can read',
    action: 'Shorten the loops of the pattern, or the row.',
  });
}
