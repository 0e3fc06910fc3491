/** As much of better-sqlite3 as the store uses, answered by a process of a newer Node over two named pipes, so that calls stay synchronous. */
'use strict';
const { execFileSync, spawn } = require('node:child_process');
const { mkdtempSync, openSync, readSync, rmSync, writeSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

class SqliteError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

let pipes;

function connect() {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-sqlite-'));
  const [there, back] = ['there', 'back'].map((name) => join(folder, name));
  execFileSync('mkfifo', [there, back]);
  const child = spawn(process.env.SOUFFLEUR_NODE, [join(__dirname, 'sqlite-server.cjs'), there, back], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.unref();
  child.stdin.unref?.();
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Both directions, so that opening waits for nobody.
  return { there: openSync(there, 'r+'), back: openSync(back, 'r+') };
}

function ask(request) {
  pipes ??= connect();
  const bytes = Buffer.from(JSON.stringify(request));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length);
  writeAll(Buffer.concat([head, bytes]));
  const answer = JSON.parse(readExactly(readExactly(4).readUInt32LE()).toString());
  if (answer.error === undefined) return answer.value;
  if (answer.error.code === undefined) throw new Error(answer.error.message);
  throw new SqliteError(answer.error.message, answer.error.code);
}

function writeAll(bytes) {
  for (let written = 0; written < bytes.length;) written += writeSync(pipes.there, bytes, written);
}

function readExactly(count) {
  const bytes = Buffer.alloc(count);
  for (let read = 0; read < count;) read += readSync(pipes.back, bytes, read, count - read, null);
  return bytes;
}

class Database {
  constructor(path, options) {
    this.id = ask({ call: 'open', path, options });
    this.depth = 0;
  }
  get inTransaction() { return this.depth > 0; }
  exec(sql) { ask({ call: 'exec', database: this.id, sql }); return this; }
  pragma(sql, options) { return ask({ call: 'pragma', database: this.id, sql, options }); }
  prepare(sql) {
    const statement = ask({ call: 'prepare', database: this.id, sql });
    const step = (how) => (...values) => ask({ call: how, statement, values }) ?? undefined;
    return { run: step('run'), get: step('get'), all: step('all'), pluck() { ask({ call: 'pluck', statement }); return this; } };
  }
  transaction(body) {
    const within = (begin) => (...values) => {
      const name = `t${this.depth}`;
      this.exec(this.depth === 0 ? begin : `SAVEPOINT ${name}`);
      this.depth += 1;
      try {
        const result = body(...values);
        this.depth -= 1;
        this.exec(this.depth === 0 ? 'COMMIT' : `RELEASE ${name}`);
        return result;
      } catch (thrown) {
        if (this.depth > 0 && name === `t${this.depth - 1}`) this.depth -= 1;
        this.exec(this.depth === 0 ? 'ROLLBACK' : `ROLLBACK TO ${name}; RELEASE ${name}`);
        throw thrown;
      }
    };
    return Object.assign(within('BEGIN'), { immediate: within('BEGIN IMMEDIATE'), exclusive: within('BEGIN EXCLUSIVE') });
  }
  async backup(path) { ask({ call: 'vacuum', database: this.id, path }); }
  close() { ask({ call: 'close', database: this.id }); return this; }
}

module.exports = Object.assign(Database, { SqliteError });
