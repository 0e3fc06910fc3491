/** electron-builder's settings: what goes into a package, and into which kinds. */
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import { root } from './build.ts';
import { setFuses } from './fuses.ts';

const linuxBinary = 'souffleur';

export interface PackRequest {
  /** As program-folder.ts filled it. */
  programFolder: string;
  outDir: string;
  electronVersion: string;
  /** An unpacked Electron; null downloads one. */
  electronFolder: string | null;
  /** An Electron that is not the one in package.json is for trying the packaging: its fuses are its own. */
  setsFuses: boolean;
}

export function makeBuilderConfig({ programFolder, outDir, electronVersion, electronFolder, setsFuses }: PackRequest): Configuration {
  return {
    appId: 'org.souffleur.app',
    productName: 'Souffleur',
    directories: { output: outDir, app: root, buildResources: join(root, 'assets', 'icon') },
    electronVersion,
    ...(electronFolder === null ? {} : { electronDist: electronFolder }),
    // Node-API binaries are the same for Node and Electron.
    npmRebuild: false,
    asar: true,
    // Everything else of node_modules is in the bundles, or beside the archive.
    files: [
      'dist/electron/**', 'dist/renderer/**', 'dist/program-hashes.json', 'package.json', 'LICENSE',
      '!node_modules/**', '!**/*.map', '!**/*.ts',
    ],
    extraResources: [
      { from: join(programFolder, 'program'), to: 'program' }, { from: join(programFolder, 'node'), to: 'node' }, { from: join(programFolder, 'bin'), to: 'bin' },
      // Found from the archive as well as from the program beside it.
      { from: join(programFolder, 'node_modules'), to: 'node_modules' },
    ],
    extraMetadata: { main: 'dist/electron/main.cjs' },
    electronLanguages: ['en-US', 'ru'],
    artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
    fileAssociations: [{ ext: 'promptpack', name: 'Prompt pack', description: 'Soft prompts for a frozen T5', mimeType: 'application/x-promptpack+zip', role: 'Editor' }],
    protocols: [{ name: 'Souffleur', schemes: ['souffleur'] }],
    publish: null,
    ...(setsFuses ? {
      afterPack: async ({ appOutDir, packager, electronPlatformName }) => {
        const name = packager.appInfo.productFilename;
        const binary = { darwin: `${name}.app/Contents/MacOS/${name}`, win32: `${name}.exe` }[electronPlatformName] ?? linuxBinary;
        await setFuses(join(appOutDir, binary), { resetsSignature: electronPlatformName === 'darwin' });
      },
    } : {}),
    linux: { target: ['deb', 'AppImage', 'tar.gz'], category: 'Science', synopsis: 'Soft prompts for a frozen T5', maintainer: 'Souffleur', executableName: linuxBinary },
    win: { target: ['nsis'] },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, differentialPackage: false },
    mac: { target: ['dmg'], category: 'public.app-category.developer-tools', hardenedRuntime: true, minimumSystemVersion: '13.0' },
  };
}
