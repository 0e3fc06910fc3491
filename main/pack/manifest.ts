/** The manifest as text, there and back. */
import { packManifestSchema, type PackManifest } from '../contract/prompt-pack.ts';
import { isJsonObject, parseStrictJson, quote } from '../model/strict-json.ts';
import { manifestName, refusePack } from './pack-files.ts';

/** The same manifest gives the same bytes: keys stand in the schema's order. */
export function writeManifest(manifest: PackManifest): string {
  return `${JSON.stringify(packManifestSchema.parse(manifest), null, 1)}\n`;
}

/**
 * @param path of the pack, for messages.
 * @throws {Problem} `pack-manifest`, `pack-version`, a `json-…` code
 */
export function readManifest(bytes: Uint8Array, path: string): PackManifest {
  if (bytes[0] !== 0x7b) throw refusePack(path, { code: 'pack-manifest', found: `${manifestName} that does not start with "{"`, expected: 'a JSON object in UTF-8' });
  const json = parseStrictJson(bytes, { file: path });
  const { format, version } = isJsonObject(json) ? json : {};
  if (format !== 'souffleur-prompt-pack') {
    throw refusePack(path, { code: 'pack-manifest', found: `${manifestName} of format ${showValue(format)}`, expected: '"souffleur-prompt-pack"' });
  }
  if (version !== 1) {
    throw refusePack(path, {
      code: 'pack-version', found: `a pack of version ${showValue(version)}`, expected: 'version 1, the only one that this Souffleur knows', action: 'Update Souffleur.',
    });
  }
  const parsed = packManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refusePack(path, {
    code: 'pack-manifest', found: `${manifestName} with an invalid ${quote(issue?.path.join('.') || 'form')} (${quote(issue?.message ?? 'unknown')})`, expected: 'a manifest of version 1',
  });
}

/** A value as it may stand in a message; String() would fail for an object without a prototype. */
function showValue(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? quote(value) : JSON.stringify(value).slice(0, 80);
}
