/** The address that `souffleur serve` prints: `http://127.0.0.1:8700/#token=…`, seen from this end of a tunnel. */
import { Problem } from '../main/contract/problem.ts';

export interface RemoteAddress {
  /** `name:port` */
  host: string;
  token: string;
}

/** @throws {Problem} `remote-address-invalid` */
export function parseRemoteAddress(text: string): RemoteAddress {
  const [, host, token] = /^http:\/\/((?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):\d{1,5})\/?#token=([\w-]{32,200})$/.exec(text.trim()) ?? [];
  if (host === undefined || token === undefined) throw invalid('what is no such address');
  const name = host.replace(/:\d+$/, '').toLowerCase();
  // Plain HTTP: the token and everything else would cross a network in the open. A tunnel ends on loopback.
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(name)) throw invalid('an address on the network, which nothing protects');
  return { host: host.toLowerCase(), token };
}

function invalid(found: string): Problem {
  return new Problem({
    code: 'remote-address-invalid',
    found,
    expected: 'the address that “souffleur serve” printed, with its token, at this end of an SSH tunnel',
    action: 'On the other machine: souffleur serve --port 8700. Here: ssh -L 8700:127.0.0.1:8700 SERVER. Then copy the printed address.',
  });
}
