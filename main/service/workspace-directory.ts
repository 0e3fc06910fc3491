/** Where the workspace lies when nobody says where. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** SOUFFLEUR_WORKSPACE, or the platform's folder for a user's data. */
export function defaultWorkspaceDirectory(): string {
  const { SOUFFLEUR_WORKSPACE: chosen, XDG_DATA_HOME: dataHome, LOCALAPPDATA: localData } = process.env;
  if (chosen !== undefined && chosen !== '') return chosen;
  switch (process.platform) {
    case 'darwin': return join(homedir(), 'Library', 'Application Support', 'Souffleur');
    case 'win32': return join(localData ?? join(homedir(), 'AppData', 'Local'), 'Souffleur');
    // The XDG base directory specification wants an absolute path and ignores any other.
    default: return join(dataHome?.startsWith('/') === true ? dataHome : join(homedir(), '.local', 'share'), 'souffleur');
  }
}
