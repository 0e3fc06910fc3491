/** `souffleur serve` */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { CommandContext } from '../context.ts';

interface ServeOptions {
  port: number;
  address: string;
  allowHost: string[];
  tokenFile?: string;
  page?: string;
}

const help = `
The page and everything it can do are open to whoever has the token, which stands in the URL. From another machine, use an SSH tunnel:
  on the server: souffleur serve --port 8700
  here:          ssh -L 8700:127.0.0.1:8700 SERVER, then open the URL that the server printed`;

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('open the workbench for a browser on this machine, or through an SSH tunnel')
    .option('--port <port>', 'port to listen on (default: a free one)', parsePort, 0)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-host <name:port>', 'another name under which browsers reach it, as behind a tunnel on another port; may be repeated', (text: string, hosts: string[]) => [...hosts, text], [] as string[])
    .option('--token-file <file>', 'take the token from a file instead of making one')
    .option('--page <dir>', 'the built page (default: the one that comes with the program)')
    .addHelpText('after', help)
    .action((options: ServeOptions) => serve(options, context));
}

async function serve(options: ServeOptions, context: CommandContext): Promise<void> {
  const { closeCore, openCore } = await import('../../service/core.ts');
  const { startServer } = await import('../../serve/server.ts');
  const { programFolder } = await import('../../service/program-files.ts');
  const core = openCore(context.workspaceDirectory(), { create: 'if-missing' });
  try {
    await core.queue.start();
    const server = await startServer(core, {
      port: options.port,
      address: options.address,
      hosts: options.allowHost,
      token: options.tokenFile === undefined ? null : readToken(options.tokenFile),
      pageDirectory: findPage(options.page, join(programFolder(), 'dist', 'renderer')),
    });
    const stop = new EventTarget();
    const end = (): void => void stop.dispatchEvent(new Event('stop'));
    try {
      await context.interruption.during({ note: 'Stopping: what is at work saves its state. Press Ctrl-C again to stop at once.', cancel: end, kill: () => process.exit(130) }, async () => {
        const stopped = once(stop, 'stop');
        context.output.result(
          { url: server.url, port: server.port, token: server.token, workspace: core.workspace.directory },
          () => `Souffleur is open at\n\n    ${server.url}\n\nCtrl-C ends it. The workspace is ${core.workspace.directory}.`,
        );
        await stopped;
      });
    } finally {
      await server.close();
    }
  } finally {
    await closeCore(core);
  }
}

/** @returns null where no page is built: the contract is served all the same. */
function findPage(given: string | undefined, built: string): string | null {
  const directory = given === undefined ? built : resolve(given);
  if (existsSync(join(directory, 'index.html'))) return directory;
  if (given === undefined) return null;
  throw new Problem({
    code: 'page-missing', found: 'no index.html in it', expected: 'the folder of a built page', action: 'Leave --page out, or build the page with: npm run build', place: { file: directory },
  });
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw toProblem(thrown);
  }
  if (/^[\w-]{32,200}$/.test(token)) return token;
  throw new Problem({
    code: 'token-invalid', found: `${token.length} characters that are no token`, expected: 'at least 32 letters, digits, - or _', action: 'Make one with: openssl rand -hex 32', place: { file },
  });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Problem({ code: 'port-invalid', found: `--port ${text.slice(0, 40)}`, expected: 'a number from 0 to 65535', action: 'Leave it out for a free one.' });
}
