/** Every fuse of Electron's binary, written out: one that a later Electron adds fails the packaging until it is decided here. */
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';

export const fuses: Readonly<Record<FuseV1Options, boolean>> = {
  // A changed environment must not turn the program into a Node: workers have a Node of their own.
  [FuseV1Options.RunAsNode]: false,
  // There are no cookies to lose.
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // Of use together only, and on macOS and Windows only: on Linux Electron checks nothing.
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // Nothing is loaded from file:.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
};

/** To be called before signing. */
export async function setFuses(binary: string, { resetsSignature }: { resetsSignature: boolean }): Promise<void> {
  await flipFuses(binary, { version: FuseVersion.V1, resetAdHocDarwinSignature: resetsSignature, strictlyRequireAllFuses: true, ...fuses });
}
