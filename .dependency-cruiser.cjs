/**
 * Who may import whom. This file is the architecture; docs/architecture.md draws it.
 * The arrows of the design, each folder with everything below it, less the exclusions that the design names
 * (the core never reaches training or a native library; the renderer reaches the contract only).
 */

/** folder under main/ → folders under main/ that it may import (its own is always allowed). */
const layers = {
  contract: [],
  graph: [],
  token: [],
  random: [],
  // Pure numbers in, pure numbers out.
  statistics: ['random'],
  // Pictures and pages as text, from plain data.
  report: ['contract'],
  model: ['graph', 'contract'],
  // Prompt files of ourselves and of others: untrusted bytes in, checked prompts out. Workers alone open them.
  pack: ['model', 'contract'],
  method: ['model', 'graph', 'contract'],
  task: ['contract'],
  backend: ['graph', 'contract'],
  store: ['contract'],
  train: ['model', 'method', 'backend', 'task', 'token', 'graph', 'random', 'contract'],
  // A worker writes checkpoints atomically, so it may use store/'s files; the database belongs to the core.
  worker: ['train', 'backend', 'contract', 'model', 'pack', 'method', 'task', 'token', 'graph', 'random', 'store'],
  // The core: descriptions of methods and tasks, text and token views, never training or a native library.
  service: ['contract', 'store', 'task', 'method', 'token', 'statistics', 'random', 'report'],
  serve: ['service', 'contract'],
  cli: ['service', 'contract', 'store', 'serve'],
};

const folderRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `main-${folder}`,
  severity: 'error',
  comment: `main/${folder} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  from: { path: `^main/${folder}/` },
  to: { path: '^main/', pathNot: `^main/(${[folder, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    { name: 'known-folder', severity: 'error', comment: 'every file under main/ lives in a folder named above',
      from: { path: '^main/', pathNot: `^main/(${Object.keys(layers).join('|')})/` }, to: {} },
    { name: 'worker-no-database', severity: 'error', comment: 'the database has one owner: the core',
      from: { path: '^main/(worker|train)/' }, to: { path: '^main/store/(database|workspace)' } },
    { name: 'graph-is-pure', severity: 'error', comment: 'no I/O, no library: shapes and calculus only',
      from: { path: '^main/graph/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { name: 'methods-are-islands', severity: 'error', comment: 'a method is one file and one line',
      from: { path: '^main/method/(?!index|method)[^/]+\\.ts$' }, to: { path: '^main/method/(?!method)[^/]+\\.ts$' } },
    { name: 'formats-are-islands', severity: 'error', comment: 'a task format is one file and one line',
      from: { path: '^main/task/format/[^/]+\\.ts$' }, to: { path: '^main/task/format/[^/]+\\.ts$' } },
    { name: 'onnxruntime-in-one-place', severity: 'error',
      from: { path: '^(main|electron|renderer)/', pathNot: '^main/backend/onnx/' }, to: { path: 'node_modules/onnxruntime-' } },
    { name: 'tfjs-in-one-place', severity: 'error',
      from: { path: '^(main|electron|renderer)/', pathNot: '^main/backend/tfjs/' }, to: { path: 'node_modules/@tensorflow/' } },
    { name: 'sqlite-in-one-place', severity: 'error',
      from: { path: '^(main|electron|renderer)/', pathNot: '^main/store/' }, to: { path: 'node_modules/better-sqlite3' } },
    { name: 'electron-in-one-place', severity: 'error',
      from: { path: '^(main|renderer)/' }, to: { path: ['^electron/', '(^|/)node_modules/electron/'] } },
    { name: 'electron-layers', severity: 'error', comment: 'the shell is a face of the core: its service and contract; atomic files are a pure function of the store',
      from: { path: '^electron/' }, to: { path: '^(main|renderer)/', pathNot: '^main/(service|contract)/|^main/store/atomic-file' } },
    { name: 'shell-without-builder', severity: 'error', comment: 'what builds and packs is no part of the program',
      from: { path: '^electron/', pathNot: '^electron/build/' }, to: { path: '^electron/build/' } },
    { name: 'main-not-renderer', severity: 'error', from: { path: '^main/' }, to: { path: '^renderer/' } },
    { name: 'renderer-contract-only', severity: 'error',
      from: { path: '^renderer/' }, to: { path: '^(main|electron)/', pathNot: '^main/contract/' } },
    { name: 'main-not-assets', severity: 'error', comment: 'assets are data; the scripts that make them run the engine, never the other way',
      from: { path: '^(main|renderer|electron)/' }, to: { path: '^assets/' } },
    { name: 'main-not-test', severity: 'error', from: { path: '^(main|renderer|electron)/' }, to: { path: '^test/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^main/', pathNot: '^main/(worker|cli)/' }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-dev-dependencies', severity: 'error', from: { path: '^main/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.svelte', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
