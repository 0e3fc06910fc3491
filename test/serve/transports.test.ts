import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contract } from '../../main/contract/api/index.ts';
import { problemRecordSchema } from '../../main/contract/worker-protocol.ts';
import { connectLocal, connectPort, connectSocket, serveTemporary, type Connection, type Served } from './fixture.ts';

/** Every procedure of the contract, by its path. */
function listProcedures(router: object, prefix: readonly string[] = []): string[][] {
  return Object.entries(router).flatMap(([name, part]: [string, unknown]) => {
    if (isContractProcedure(part)) return [[...prefix, name]];
    return typeof part === 'object' && part !== null ? listProcedures(part, [...prefix, name]) : [];
  });
}

type Call = (input?: unknown) => Promise<unknown>;

function findCall({ client }: Connection, path: readonly string[]): Call {
  let part: unknown = client;
  for (const name of path) part = (part as Record<string, unknown>)[name];
  return part as Call;
}

/** What a call comes to: its JSON, or its error's code with the problem's, where there is one. */
async function outcomeOf(call: Call, input: unknown): Promise<unknown> {
  try {
    const result = await call(input);
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      await (result as unknown as AsyncIterator<unknown>).return?.();
      return 'a stream';
    }
    return { result: result === undefined ? null : (JSON.parse(JSON.stringify(result)) as unknown) };
  } catch (thrown) {
    const { code, data } = thrown as { code?: unknown; data?: unknown };
    const problem = problemRecordSchema.safeParse(data);
    return { refused: code, problem: problem.success ? problem.data : null };
  }
}

const procedures = listProcedures(contract);
let served: Served;
let connections: Readonly<Record<'in process' | 'WebSocket' | 'MessagePort', Connection>>;
beforeAll(async () => {
  served = await serveTemporary();
  connections = { 'in process': connectLocal(served.core), WebSocket: connectSocket(served.server), MessagePort: connectPort(served.core) };
});
afterAll(async () => {
  for (const connection of Object.values(connections)) connection.close();
  await served.close();
});

/** Of the moment, or given anew to every caller: a process's id, what is free. Everything else must be equal to the byte. */
const ofTheMoment = new Set(['task', 'freeBytes', 'availableBytes', 'milliseconds', 'startedAt', 'endedAt', 'progress', 'state', 'detail']);
/** The second caller finds done what the first one asked for. */
const doneOnce = new Set(['tasks.addBuiltIn', 'models.addBuiltIn']);

function withoutMoment(outcome: unknown): unknown {
  return JSON.parse(JSON.stringify(outcome, (key, value: unknown) => (ofTheMoment.has(key) ? typeof value : value)));
}

describe.each(procedures.map((path) => [path.join('.'), path] as const))('%s', (name, path) => {
  test.each([
    ['nothing', undefined],
    ['a number where an object belongs', 7],
    ['an object with unknown keys and prototype keys', JSON.parse('{"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":null,"unknown":1}')],
    ['five hundred nested lists', JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)],
    ['a path where an id belongs', { id: '../../etc/passwd', run: '../../etc/passwd', name: '../../etc/passwd', file: '/etc/passwd', path: '/etc/passwd' }],
  ])('answers %s alike over the three transports, in words', async (_input, input) => {
    const outcomes = [];
    for (const connection of Object.values(connections)) outcomes.push(await outcomeOf(findCall(connection, path), input));
    const [inProcess, ...others] = outcomes;
    if (!doneOnce.has(name)) for (const other of others) expect(withoutMoment(other)).toEqual(withoutMoment(inProcess));
    const text = JSON.stringify(outcomes);
    expect(text).not.toContain('INTERNAL_SERVER_ERROR');
    expect(text).not.toMatch(/\bat .*\.(ts|js):\d+/);
    expect(text).not.toContain('root:x:0');
  });
});

test('every service of the contract is there', () => {
  expect([...new Set(procedures.map(([service]) => service))].sort()).toEqual(
    ['checkpoints', 'commands', 'comparisons', 'datasets', 'devices', 'ensembles', 'events', 'models', 'packs', 'published', 'queue', 'reproductions', 'runs', 'settings', 'studies', 'tasks', 'work'],
  );
});
