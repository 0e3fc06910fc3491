import { expect, test } from 'vitest';
import { assert, asyncProperty, integer, nat } from 'fast-check';
import type { CoreEvent, NumberedCoreEvent } from '../../main/contract/api/events.ts';
import { createEventHub, type EventHub, type StreamPosition } from '../../main/service/event-hub.ts';

const changed = (id: string): CoreEvent => ({ kind: 'changed', subject: 'runs', id });

async function take(hub: EventHub, after: StreamPosition | null, count: number): Promise<NumberedCoreEvent[]> {
  const taken: NumberedCoreEvent[] = [];
  for await (const event of hub.watch(after)) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

test('whoever comes back with any number it saw gets exactly what it missed', async () => {
  await assert(asyncProperty(integer({ min: 1, max: 50 }), nat(50), async (published, seen) => {
    const hub = createEventHub();
    for (let index = 1; index <= published; index += 1) hub.publish(changed(`r${index}`));
    const { core } = hub.position();
    const after = Math.min(seen, published - 1);
    const events = await take(hub, { core, sequence: after }, published - after);
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: published - after }, (_, index) => after + index + 1));
    expect(events[0]?.event).toEqual(changed(`r${after + 1}`));
  }));
});

test('what came before is not told to a watcher that asks from now on', async () => {
  const hub = createEventHub();
  hub.publish(changed('old'));
  const coming = take(hub, null, 1);
  hub.publish(changed('new'));
  expect((await coming)[0]?.event).toEqual(changed('new'));
});

test.each([
  ['another core', (hub: EventHub) => ({ ...hub.position(), core: 'another' })],
  ['events that are not kept any more', (hub: EventHub) => ({ ...hub.position(), sequence: 0 })],
  ['a number that was never given', (hub: EventHub) => ({ ...hub.position(), sequence: 1e6 })],
])('a client that names %s is told that there is a gap, with the number to go on from', async (_name, after) => {
  const hub = createEventHub({ kept: 10 });
  for (let index = 0; index < 100; index += 1) hub.publish(changed(`r${index}`));
  const [gap] = await take(hub, after(hub), 1);
  expect(gap).toEqual({ core: hub.position().core, sequence: 100, event: { kind: 'gap' } });
  const coming = take(hub, gap ?? null, 1);
  hub.publish(changed('next'));
  expect((await coming)[0]).toMatchObject({ sequence: 101, event: changed('next') });
});

test('a watcher that does not read costs bounded memory: it ends with a gap and the newest events', async () => {
  const hub = createEventHub();
  const watched = hub.watch(hub.position())[Symbol.asyncIterator]();
  const first = watched.next();
  for (let index = 1; index <= 60_000; index += 1) hub.publish(changed(`r${index}`));
  const rest: NumberedCoreEvent[] = [(await first).value];
  hub.close();
  for (let item = await watched.next(); item.done !== true; item = await watched.next()) rest.push(item.value);
  expect(rest.length).toBeLessThanOrEqual(20_000);
  expect(rest.some(({ event }) => event.kind === 'gap')).toBe(true);
  expect(rest.at(-1)?.sequence).toBe(60_000);
});

test('a watch ends when its signal aborts, also one that aborted before', async () => {
  const hub = createEventHub();
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(20)]) {
    const events: NumberedCoreEvent[] = [];
    for await (const event of hub.watch(null, signal)) events.push(event);
    expect(events).toEqual([]);
  }
});
