/** What the shell remembers between starts: where the window stood, the folder last looked into, the language and theme. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';
import { writeFileAtomicSync } from '../main/store/atomic-file.ts';

const coordinate = z.int().min(-100_000).max(100_000);
const shellStateSchema = z.strictObject({
  bounds: z.strictObject({ x: coordinate, y: coordinate, width: z.int().min(200).max(20_000), height: z.int().min(200).max(20_000) }).nullable(),
  isMaximized: z.boolean(),
  lastFolder: z.string().max(4096).nullable(),
  language: z.enum(['en', 'ru']).nullable(),
  theme: z.enum(['system', 'light', 'dark']),
});
export type ShellState = z.infer<typeof shellStateSchema>;

const initialState: ShellState = { bounds: null, isMaximized: false, lastFolder: null, language: null, theme: 'system' };

export interface ShellStateFile {
  readonly current: ShellState;
  change(changes: Partial<ShellState>): void;
}

/** A file that is missing or not ours counts as empty: nothing in it is worth a question at the start. */
export function openShellState(file: string): ShellStateFile {
  let current = read(file);
  return {
    get current() {
      return current;
    },
    change(changes) {
      current = { ...current, ...changes };
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileAtomicSync(file, JSON.stringify(current));
      } catch (thrown) {
        console.error(`souffleur: the window's place is not remembered: ${String(thrown)}`);
      }
    },
  };
}

function read(file: string): ShellState {
  try {
    const parsed = shellStateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : initialState;
  } catch {
    return initialState;
  }
}

/** A display may be gone since: a window must not open where nobody sees it. @returns null for the system's own choice */
export function findVisibleBounds(bounds: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle | null {
  if (bounds === null) return null;
  const isVisible = workAreas.some(({ x, y, width, height }) => {
    const across = Math.min(bounds.x + bounds.width, x + width) - Math.max(bounds.x, x);
    const down = Math.min(bounds.y + bounds.height, y + height) - Math.max(bounds.y, y);
    return across >= 100 && down >= 100;
  });
  return isVisible ? bounds : null;
}
