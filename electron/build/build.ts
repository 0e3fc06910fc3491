/** `npm run build`: the page, the shell, and what a package's workers and terminal run. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';

export const root = join(import.meta.dirname, '..', '..');
/** Packages with native files stay packages; everything else is bundled. */
const nativePackages = ['better-sqlite3', 'onnxruntime-node'];
const external = ['electron', ...nativePackages, ...builtinModules.flatMap((name) => [name, `node:${name}`])];

export type BuildPart = 'renderer' | 'electron' | 'program';

export interface BuildRequest {
  /** `dist` of the checkout, or another folder for a test. */
  outDir?: string;
}

/** Folders whose files decide what a part is made of. */
const sources: Readonly<Record<BuildPart, readonly string[]>> = {
  renderer: ['renderer', 'main/contract'],
  electron: ['electron', 'main'],
  program: ['main', 'electron/build'],
};
const products: Readonly<Record<BuildPart, string>> = { renderer: 'renderer/index.html', electron: 'electron/main.cjs', program: 'program/main/worker/train.mjs' };

/** Whether a part is missing or older than what it is made of. */
export function isStale(part: BuildPart): boolean {
  const made = statSync(join(root, 'dist', products[part]), { throwIfNoEntry: false })?.mtimeMs;
  return made === undefined || [...sources[part], 'package-lock.json'].some((source) => newestIn(join(root, source)) > made);
}

function newestIn(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(...readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

export async function buildPart(part: BuildPart, { outDir = join(root, 'dist') }: BuildRequest = {}): Promise<void> {
  switch (part) {
    case 'renderer': {
      await build({ configFile: join(root, 'renderer', 'vite.config.ts'), logLevel: 'warn', build: { outDir: join(outDir, 'renderer'), emptyOutDir: true } });
      return;
    }
    case 'electron': {
      const folder = join(outDir, 'electron');
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      // Two builds: what both use would otherwise become a file that a sandboxed preload script cannot require.
      await build(bundle({ input: { preload: join(root, 'electron', 'preload.ts') }, folder, format: 'cjs' }));
      await build(bundle({ input: { main: join(root, 'electron', 'main.ts') }, folder, format: 'cjs' }));
      return;
    }
    case 'program': {
      const folder = join(outDir, 'program', 'main');
      rmSync(folder, { recursive: true, force: true });
      const workers = Object.fromEntries(['train', 'infer', 'pack'].map((name) => [`worker/${name}`, join(root, 'main', 'worker', `${name}.ts`)]));
      await build(bundle({ input: { ...workers, 'cli/main': join(root, 'main', 'cli', 'main.ts') }, folder, format: 'es' }));
      return;
    }
    default: return part satisfies never;
  }
}

function bundle({ input, folder, format }: { input: Record<string, string>; folder: string; format: 'cjs' | 'es' }): InlineConfig {
  const extension = format === 'cjs' ? 'cjs' : 'mjs';
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    resolve: { conditions: ['node', 'import', 'module', 'default'] },
    ssr: { noExternal: true, external: nativePackages, target: 'node' },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      // Syntax that an Electron of some years ago knows as well; nothing is lost by it.
      target: format === 'cjs' ? 'es2022' : 'node24',
      minify: false,
      rolldownOptions: {
        input, external,
        // CommonJS files that need one another in a circle find each other half made: the shell is one file, and so is its preload script.
        output: { format, entryFileNames: `[name].${extension}`, ...(format === 'cjs' ? { codeSplitting: false } : { chunkFileNames: `[name]-[hash].${extension}` }) },
      },
    },
  };
}

if (import.meta.main) {
  for (const part of ['renderer', 'electron', 'program'] as const) {
    if (!process.argv.includes('--force') && !isStale(part)) continue;
    console.log(`building ${part} …`);
    await buildPart(part);
  }
}
