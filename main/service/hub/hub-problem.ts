/** What can go wrong between here and a hub, in a sentence each. */
import { Problem } from '../../contract/problem.ts';

/** @param thrown by fetch, whose own message says nothing: the cause does. */
export function unreachable(url: string, thrown: unknown): Problem {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = (cause as { code?: unknown } | null)?.code;
  const reason = typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
  return new Problem({
    code: 'hub-unreachable',
    kind: 'failure',
    found: `no connection to ${originOf(url)} (${reason})`,
    expected: 'an answer of the hub',
    action: 'Check the network, or name a mirror with: souffleur settings set hubEndpoint URL. What came already is kept.',
    cause: thrown,
  });
}

export function interrupted(url: string, what: string): Problem {
  return new Problem({
    code: 'hub-interrupted', kind: 'failure', found: `a download that stopped: ${what}`, expected: 'the whole file', action: 'Run the command again: it goes on where it stopped.', place: { file: url },
  });
}

export function refusal(url: string, { status }: Pick<Response, 'status'>): Problem {
  // Too many requests, and failures of the server itself, pass.
  if (status === 408 || status === 429 || status >= 500) return interrupted(url, `the server answered ${status}`);
  if (status === 401 || status === 403 || status === 404) {
    return new Problem({
      code: 'hub-not-found',
      found: `the answer ${status}: no such model, revision or file, or one that needs a login`,
      expected: 'a public model',
      action: 'Check the id and the revision; a model with conditions must be downloaded in the browser, and added with: souffleur model add DIR',
      place: { file: url },
    });
  }
  return new Problem({ code: 'hub-refused', kind: 'failure', found: `the answer ${status}`, expected: 'the file', action: 'Check the setting hubEndpoint.', place: { file: url } });
}

export function wrongContent(url: string, found: string, expected: string): Problem {
  return new Problem({
    code: 'hub-wrong-content', kind: 'failure', found, expected, action: 'The file was thrown away. Try again; if it stays so, the hub or what lies between changes it.', place: { file: url },
  });
}

export function stopped(): Problem {
  return new Problem({
    code: 'download-cancelled', kind: 'cancelled', found: 'a download stopped on request', expected: 'the whole model', action: 'Run the command again: it goes on where it stopped.',
  });
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
