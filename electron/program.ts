/** Where the program's files and its Node are, in a checkout and in a package; told to the core before it is imported. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../main/contract/problem.ts';

export interface ProgramPlaces {
  /** Holds main/ and assets/. */
  program: string;
  node: string;
  /** Of the built page. */
  page: string;
  icon: string;
  /** SHA-256 of every file that a worker runs, in a package; null in a checkout, whose files are meant to be changed. */
  hashes: string | null;
}

export interface ProgramRequest {
  isPackaged: boolean;
  appPath: string;
  resourcesPath: string;
}

/** @throws {Problem} `node-missing` */
export function findProgram({ isPackaged, appPath, resourcesPath }: ProgramRequest): ProgramPlaces {
  const root = isPackaged ? join(resourcesPath, 'program') : appPath;
  const node = isPackaged ? join(resourcesPath, 'node', nodeFile) : findDevelopmentNode(appPath);
  if (!existsSync(node)) throw nodeMissing(node, isPackaged);
  return {
    program: root,
    node,
    // From the app itself, whose integrity Electron checks where the system lets it.
    page: join(appPath, 'dist', 'renderer'),
    icon: join(root, 'assets', 'icon', 'icon.png'),
    hashes: isPackaged ? join(appPath, 'dist', 'program-hashes.json') : null,
  };
}

/** In the places that main/service/program-files.ts reads. */
export function announceProgram({ program, node }: ProgramPlaces): void {
  process.env['SOUFFLEUR_PROGRAM'] = program;
  process.env['SOUFFLEUR_NODE'] = node;
}

export const nodeFile = process.platform === 'win32' ? 'node.exe' : 'node';

/** The one from npm; SOUFFLEUR_NODE where npm has none for this system (`npm start` sets it to the Node that runs it). */
function findDevelopmentNode(appPath: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const own = join(appPath, 'node_modules', `node-${platform}-${process.arch}`, 'bin', nodeFile);
  return existsSync(own) ? own : (process.env['SOUFFLEUR_NODE'] ?? own);
}

function nodeMissing(file: string, isPackaged: boolean): Problem {
  return new Problem({
    code: 'node-missing', kind: 'failure', found: 'no Node to run the workers', expected: 'the one that comes with Souffleur',
    action: isPackaged ? 'Install Souffleur again.' : 'Run npm ci, and start with npm start.', place: { file },
  });
}
