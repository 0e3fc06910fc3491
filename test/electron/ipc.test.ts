import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { FakeWebContents, handled, taken } from './electron-fake.ts';
import { Problem } from '../../main/contract/problem.ts';

vi.mock('electron', async () => (await import('./electron-fake.ts')).makeElectronFake());
const { createIpcGate } = await import('../../electron/ipc.ts');
const { answerPages } = await import('../../electron/bridge-handlers.ts');
const { channels } = await import('../../electron/bridge.ts');

const contents = new FakeWebContents();
const stranger = new FakeWebContents();
const calls: string[] = [];
const gate = createIpcGate((one) => (one as unknown) === contents);
const link = { grant: (path: string) => { calls.push(path); return Promise.resolve({ grant: 'grant:1', name: 'a', kind: 'file', bytes: 1 }); } };
const note = (name: string) => () => { calls.push(name); };
answerPages(gate, {
  windows: { linkOf: () => link, windowOf: () => null, connect: note('connect'), flushFiles: note('flush') } as never,
  state: { current: { lastFolder: null }, change: note('change') } as never,
  texts: () => ({}) as never, applyPreferences: note('apply'), openRemoteCore: () => Promise.resolve(note('remote')()),
});

const page = { sender: contents, senderFrame: contents.mainFrame };
const senders: Record<string, unknown> = {
  'a frame that is gone': { sender: contents, senderFrame: null },
  'a frame within the page': { sender: contents, senderFrame: { url: 'souffleur://app/index.html', parent: contents.mainFrame } },
  'a frame that is not the main one': { sender: contents, senderFrame: { url: 'souffleur://app/index.html', parent: null } },
  'a window that is not ours': { sender: stranger, senderFrame: stranger.mainFrame },
};

test.each(Object.entries(senders))('%s is not answered on any channel', async (_name, event) => {
  calls.length = 0;
  for (const handler of handled.values()) expect(await handler(event, ['/etc/passwd'])).toMatchObject({ ok: false, problem: { code: 'sender-foreign' } });
  for (const handler of taken.values()) handler(event, { language: 'ru', theme: 'dark' });
  expect(calls).toEqual([]);
});

test('our own window on another address is not answered', async () => {
  contents.mainFrame.url = 'https://example.org/';
  expect(await handled.get(channels.grantPaths)?.(page, ['/a'])).toMatchObject({ ok: false, problem: { code: 'sender-foreign' } });
  contents.mainFrame.url = 'souffleur://app/index.html';
});

const long = 'x'.repeat(10 << 20);
const nasty: unknown[] = [undefined, null, 1, true, long, {}, [], [long], { __proto__: { polluted: true } }, JSON.parse('{"__proto__":{"polluted":true},"language":"ru","theme":"dark"}'), { constructor: { prototype: {} } }, Array.from({ length: 10_001 }, () => '/a'), ['relative'], [''], [null], new Map(), Symbol.iterator, Number.NaN];

test.each(Object.values(channels).filter((channel) => handled.has(channel)))('%s refuses whatever is not as agreed', async (channel) => {
  calls.length = 0;
  for (const value of nasty) {
    if (channel === channels.grantPaths && Array.isArray(value) && value.length === 0) continue;
    for (const values of [[value], [value, value], [value, value, value]]) expect(await handled.get(channel)?.(page, ...values)).toMatchObject({ ok: false, problem: { code: expect.stringMatching(/^(request-invalid|address-not-allowed)$/) } });
  }
  expect(calls).toEqual([]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('messages without an answer are dropped where they are not as agreed', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  calls.length = 0;
  for (const handler of taken.values()) for (const value of nasty) handler(page, value, value);
  expect(calls).toEqual([]);
});

test('what a person dropped becomes grants', async () => {
  expect(await handled.get(channels.grantPaths)?.(page, ['/data/train.csv'])).toEqual({ ok: true, value: [expect.objectContaining({ grant: 'grant:1' })] });
});

test.each(['http://huggingface.co/', 'file:///etc/passwd', 'smb://host/share', 'https://huggingface.co.evil.org/', 'https://user@huggingface.co/', 'https://huggingface.co:8443/', 'javascript:alert(1)', 'souffleur://open/runs'])('%s is not opened in the browser', async (url) => {
  expect(await handled.get(channels.openExternal)?.(page, url)).toMatchObject({ ok: false, problem: { code: 'address-not-allowed' } });
});

test('a problem comes back without stack and folders', async () => {
  gate.answer('test:failing', z.tuple([]), () => {
    throw new Problem({ code: 'x', found: 'nothing at /home/person/secret/a.csv', expected: 'a file', action: 'Look.', place: { file: '/home/person/secret/a.csv' } });
  });
  const answer = JSON.stringify(await handled.get('test:failing')?.(page));
  expect(answer).toContain('a.csv');
  expect(answer).not.toContain('/home/person');
  expect(answer).not.toContain('stack');
});
