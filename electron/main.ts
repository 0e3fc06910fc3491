/** Where the desktop program begins: what has to be said before Electron is ready, then the shell. */
import { join } from 'node:path';
import { app } from 'electron';
import { setProgramCheck } from '../main/service/program-files.ts';
import { keepCrashDumps } from './crash-recovery.ts';
import { parseArguments, parseOpenRequest, type OpenRequest } from './open-request.ts';
import { registerPageScheme } from './page-protocol.ts';
import { createProgramCheck } from './program-check.ts';
import { announceProgram, findProgram } from './program.ts';
import { guardWebContents } from './web-contents-guard.ts';

/** Everything after the program, and in a checkout after the folder that Electron was given. */
function argumentsOf(argv: readonly string[]): readonly string[] {
  return argv.slice(app.isPackaged ? 1 : 2);
}

app.enableSandbox();
registerPageScheme();
guardWebContents(app);
// Not the workspace's folder, which has the same name on some systems.
if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), 'souffleur-window'));
app.setPath('crashDumps', join(app.getPath('userData'), 'crashes'));
keepCrashDumps();

if (app.requestSingleInstanceLock()) {
  const requests: OpenRequest[] = parseArguments(argumentsOf(process.argv), process.cwd());
  let take = (request: OpenRequest | null): void => {
    if (request !== null) requests.push(request);
  };
  // macOS sends these before the app is ready, too.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    take(parseOpenRequest(path, '/'));
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    take(parseOpenRequest(url, '/'));
  });
  app.on('second-instance', (_event, argv, workingDirectory) => {
    take(null);
    for (const request of parseArguments(argumentsOf(argv), workingDirectory)) take(request);
  });
  const begin = async (): Promise<void> => {
    await app.whenReady();
    const places = findProgram({ isPackaged: app.isPackaged, appPath: app.getAppPath(), resourcesPath: process.resourcesPath });
    announceProgram(places);
    if (places.hashes !== null) {
      const check = createProgramCheck(process.resourcesPath, places.hashes);
      await check.verify();
      setProgramCheck(check.requireUnchanged);
    }
    // The core is a large part of the program: loaded once there is something to show it in.
    const { startShell } = await import('./shell.ts');
    take = await startShell(requests, places);
  };
  begin().catch((thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    app.exit(1);
  });
} else {
  // The one that runs was told of our arguments by the lock.
  app.quit();
}
