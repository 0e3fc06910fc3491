/**
 * What an Electron of 2022 (version 22, Node 16) lacks of the one that the product is for, for tests on machines where no newer one can
 * be had. Loaded before the program with `-r`; never part of it. A green run on it proves the program's own logic, not Electron 45's.
 */
'use strict';
const Module = require('node:module');
const { readFileSync } = require('node:fs');

require('./language.cjs');
require('./node.cjs');

/** The binding that the product uses needs Node-API 10; this one asks a newer Node for every call. */
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === 'better-sqlite3') return require('./sqlite.cjs');
  const loaded = load.call(this, request, ...rest);
  return request === 'electron' ? withNewer(loaded) : loaded;
};

function withNewer(electron) {
  const { app, protocol } = electron;
  if (protocol.handle !== undefined) return electron;
  // Chromium refuses its sandbox to root; with `--no-sandbox` and this call, its helpers would end at once.
  if (process.getuid?.() === 0) app.enableSandbox = () => {};
  const addTo = (session) => {
    if (session.protocol.handle !== undefined) return;
    session.protocol.handle = (scheme, handler) => {
      session.protocol.registerBufferProtocol(scheme, async ({ url, method }, answer) => {
        const response = await handler({ url, method });
        answer({ statusCode: response.status, headers: Object.fromEntries(response.headers), mimeType: response.headers.get('content-type')?.split(';')[0], data: Buffer.from(await response.arrayBuffer()) });
      });
    };
  };
  app.on('session-created', addTo);
  void app.whenReady().then(() => addTo(electron.session.defaultSession));
  protocol.handle = () => {};
  // A test answers dialogs by a file of its own: { "message-box": [1, 0], "open": [["/a"]], "save": ["/b"] }, taken from the front.
  const script = process.env.SOUFFLEUR_TEST_DIALOGS;
  if (script !== undefined) answerDialogs(electron.dialog, JSON.parse(readFileSync(script, 'utf8')));
  return electron;
}

function answerDialogs(dialog, answers) {
  globalThis.testDialogs = { answers, shown: [] };
  const take = (kind, values) => {
    const options = values.length > 1 ? values[1] : values[0];
    globalThis.testDialogs.shown.push({ kind, options });
    return answers[kind]?.shift();
  };
  dialog.showMessageBox = async (...values) => {
    const response = take('message-box', values);
    // Nobody answers: the dialog stays open.
    return response === undefined ? new Promise(() => {}) : { response, checkboxChecked: false };
  };
  dialog.showOpenDialog = async (...values) => {
    const filePaths = take('open', values) ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  };
  dialog.showSaveDialog = async (...values) => {
    const filePath = take('save', values) ?? '';
    return { canceled: filePath === '', filePath };
  };
  dialog.showErrorBox = (title, content) => {
    globalThis.testDialogs.shown.push({ kind: 'error', options: { title, content } });
  };
}
