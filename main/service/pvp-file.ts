/** A pattern-verbalizer pair from a file of its own. */
import { readFile, stat } from 'node:fs/promises';
import { Problem, toProblem } from '../contract/problem.ts';
import { pvpSchema, type Pvp } from '../contract/pvp.ts';
import { parsePattern } from '../task/pattern/parse.ts';

/** A template of 20,000 characters and the words of 200 classes, many times over. */
const mostBytes = 1024 * 1024;

/**
 * @param file absolute.
 * @throws {Problem} `pvp-file-too-large`, `pvp-file-not-json`, `pvp-file-value` with the key, those of parsePattern, a system error with the path
 */
export async function readPvpFile(file: string): Promise<Pvp> {
  const parsed = pvpSchema.safeParse(parseJson(await readSmallFile(file), file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Problem({
      code: 'pvp-file-value',
      found: `a pattern file whose ${issue?.path.join('.') || 'content'} is refused: ${issue?.message ?? 'it is no object'}`,
      expected: 'id, title, pattern {template}, verbalizer {labels} or null, answerNote or null, and provenance',
      action: 'Correct it; `souffleur tasks show TASK --json` prints whole ones.',
      place: { file },
    });
  }
  parsePattern(parsed.data.pattern.template);
  return parsed.data;
}

async function readSmallFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) {
      throw new Problem({ code: 'pvp-file-too-large', found: `${size} bytes`, expected: `a pattern file, at most ${mostBytes} bytes`, action: 'Name the pattern file, not a data file.', place: { file } });
    }
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new Problem({
      code: 'pvp-file-not-json', found: `no JSON: ${String(thrown).split('\n')[0] ?? ''}`.slice(0, 200), expected: 'a pattern-verbalizer pair as JSON', action: 'Correct the file.', place: { file },
    });
  }
}
