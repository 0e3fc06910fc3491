/** Answers sqlite.cjs, one call after the other; ends with the process that started it. */
'use strict';
const { openSync, readSync, writeSync } = require('node:fs');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

if (isMainThread) {
  // The calls are waited for without a pause; the end of the parent is noticed beside them.
  // An orderly exit would wait for the thread, which waits for the next call.
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.stdin.on('end', end).on('error', end).resume();
  new Worker(__filename, { workerData: process.argv.slice(2) }).on('exit', end);
} else serve(...workerData);

function serve(there, back) {
  const Database = require('better-sqlite3');
  const input = openSync(there, 'r+');
  const output = openSync(back, 'r+');
  const objects = [];
  const keep = (object) => objects.push(object) - 1;
  const calls = {
    open: ({ path, options }) => keep(new Database(path, options)),
    exec: ({ database, sql }) => void objects[database].exec(sql),
    pragma: ({ database, sql, options }) => objects[database].pragma(sql, options),
    prepare: ({ database, sql }) => keep(objects[database].prepare(sql)),
    run: ({ statement, values }) => objects[statement].run(...values),
    get: ({ statement, values }) => objects[statement].get(...values) ?? null,
    all: ({ statement, values }) => objects[statement].all(...values),
    pluck: ({ statement }) => void objects[statement].pluck(),
    vacuum: ({ database, path }) => void objects[database].prepare('VACUUM INTO ?').run(path),
    close: ({ database }) => void objects[database].close(),
  };
  const read = (count) => {
    const bytes = Buffer.alloc(count);
    for (let got = 0; got < count;) got += readSync(input, bytes, got, count - got, null);
    return bytes;
  };
  for (;;) {
    const request = JSON.parse(read(read(4).readUInt32LE()).toString());
    let answer;
    try {
      answer = { value: calls[request.call](request) };
    } catch (error) {
      answer = { error: { message: error.message, code: error.code } };
    }
    const bytes = Buffer.from(JSON.stringify(answer));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(bytes.length);
    const whole = Buffer.concat([head, bytes]);
    for (let written = 0; written < whole.length;) written += writeSync(output, whole, written);
  }
}
