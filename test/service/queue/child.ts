/**
 * A core in a process of its own that runs a workspace's queue to its end, as the window or `queue run` would. Prints a line for everything
 * that happens, so that a test knows when to kill whom.
 */
import { openCore } from '../../../main/service/core.ts';

const [directory = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const core = openCore(directory, { create: 'never' });
const watching = (async () => {
  for await (const { event } of core.events.watch({ ...core.events.position() })) {
    if (event.kind !== 'changed') say(event.kind);
    else if (event.subject === 'runs' && event.id !== null) {
      const run = core.workspace.runs.get(event.id as Parameters<typeof core.workspace.runs.get>[0]);
      say(`run ${run.status} ${run.worker?.processId ?? 0}`);
    }
  }
})();
await core.queue.start();
core.queue.putBack();
await core.queue.whenIdle();
core.events.close();
await watching;
core.workspace.close();
say('done');
