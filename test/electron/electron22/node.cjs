/** What Node 24 has and Node 16 has not, as far as the program uses it. */
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const crypto = require('node:crypto');
const buffer = require('node:buffer');
const web = require('node:stream/web');
const v8 = require('node:v8');
const { join } = require('node:path');

globalThis.crypto ??= crypto.webcrypto;
if (globalThis.crypto.randomUUID === undefined) globalThis.crypto.randomUUID = () => crypto.randomUUID();
globalThis.structuredClone ??= (value) => v8.deserialize(v8.serialize(value));
buffer.isAscii ??= (bytes) => Buffer.from(bytes).every((byte) => byte < 128);
buffer.isUtf8 ??= (bytes) => { try { new TextDecoder('utf-8', { fatal: true }).decode(bytes); return true; } catch { return false; } };
globalThis.Blob ??= buffer.Blob;
globalThis.File ??= class File extends buffer.Blob { constructor(parts, name, options) { super(parts, options); this.name = name; } };
globalThis.FormData ??= class FormData {};
globalThis.CustomEvent ??= class CustomEvent extends Event { constructor(type, options) { super(type, options); this.detail = options?.detail ?? null; } };
for (const name of ['ReadableStream', 'WritableStream', 'TransformStream', 'TextDecoderStream', 'TextEncoderStream']) globalThis[name] ??= web[name];
globalThis.Headers ??= class Headers extends Map {
  constructor(entries = {}) { super(Object.entries(entries).map(([name, value]) => [name.toLowerCase(), String(value)])); }
  get(name) { return super.get(name.toLowerCase()) ?? null; }
};
globalThis.Response ??= class Response {
  constructor(body, { status = 200, headers = {} } = {}) { this.status = status; this.headers = new Headers(headers); this.body = body; }
  async arrayBuffer() { const bytes = Buffer.from(this.body ?? ''); return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length); }
};
globalThis.Request ??= class Request {};
URL.canParse ??= (text, base) => { try { return new URL(text, base) !== null; } catch { return false; } };
AbortSignal.any ??= (signals) => {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
};
if (AbortSignal.prototype.throwIfAborted === undefined) AbortSignal.prototype.throwIfAborted = function () { if (this.aborted) throw this.reason ?? new Error('aborted'); };
os.availableParallelism ??= () => os.cpus().length;
crypto.hash ??= (algorithm, data, encoding = 'hex') => crypto.createHash(algorithm).update(data).digest(encoding);
process.availableMemory ??= () => os.freemem();
process.constrainedMemory ??= () => 0;

/** `recursive` and `parentPath` of readdir. */
const readdirSync = fs.readdirSync;
fs.readdirSync = (folder, options) => {
  const wantsEntries = typeof options === 'object' && options?.withFileTypes === true;
  if (typeof options !== 'object' || options?.recursive !== true) {
    const found = readdirSync(folder, options);
    if (wantsEntries) for (const entry of found) entry.parentPath ??= String(folder);
    return found;
  }
  const list = [];
  const visit = (path, prefix) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      entry.parentPath = path;
      list.push(wantsEntries ? entry : join(prefix, entry.name));
      if (entry.isDirectory()) visit(join(path, entry.name), join(prefix, entry.name));
    }
  };
  visit(String(folder), '');
  return list;
};
fs.promises.readdir = async (folder, options) => fs.readdirSync(folder, options);
