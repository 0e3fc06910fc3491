/** What the core offers and the window does not reach is said here, each with its reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contract } from '../../main/contract/api/index.ts';

const page = join(import.meta.dirname, '..', '..', 'renderer');

/** Nothing else may be out of the window's reach. */
const notInTheWindow: Readonly<Record<string, string>> = {
  'checkpoints.derive': 'for scripts; the window begins a run with a prompt in the form of a new run, where everything else can be chosen too',
  'comparisons.marks': 'all stars and notes of a file, for scripts; the window gets each beside its example',
  'comparisons.report': 'every example of a comparison at once, for scripts; the window pages through them',
  'datasets.removeMapping': 'a mapping is small and only ever proposed; the next import under its name replaces it',
  'datasets.saveMapping': 'an import saves its mapping itself where a name is given',
  'published.find': 'a study and a comparison bring what is printed for them; the settings show whole tables',
};

function readPage(): string {
  return readdirSync(page, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:svelte|ts)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

it('every method of the contract is called by a view, or is named here with the reason why not', () => {
  const text = readPage();
  const methods = Object.entries(contract).flatMap(([service, own]) => Object.keys(own).map((method) => `${service}.${method}`));
  const unused = methods.filter((method) => !new RegExp(`\\b(?:client|core\\.call\\))\\.${method.replace('.', '\\.')}\\b`).test(text));
  expect(unused.toSorted()).toEqual(Object.keys(notInTheWindow).toSorted());
});
