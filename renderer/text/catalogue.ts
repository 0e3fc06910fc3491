/**
 * The catalogue's mechanics: one file a view holds its texts in every language, side by side; a text that is missing in one does not
 * compile. Texts with numbers are functions, so that plurals and word order are the language's own.
 */
import { preferences } from '../state/preferences.svelte.ts';

type Text = string | ((...values: never[]) => string);
export type TextTable = { readonly [name: string]: Text };

/** Another language's table: the same names, the same values. */
type SameNames<Table extends TextTable> = {
  readonly [Name in keyof Table]: Table[Name] extends (...values: infer Values) => string ? (...values: Values) => string : string;
};

/** @returns the table of the language that is chosen now; to be called where a text is shown, so that it follows a change. */
export function createTexts<Table extends TextTable>(en: Table & SameNames<Table>, ru: SameNames<Table>): () => SameNames<Table> {
  let pseudo: SameNames<Table> | undefined;
  return () => {
    switch (preferences.language) {
      case 'en': return en;
      case 'ru': return ru;
      case 'pseudo': return (pseudo ??= toPseudo(en));
      default: return preferences.language satisfies never;
    }
  };
}

function toPseudo<Table extends TextTable>(table: Table): SameNames<Table> {
  const entries = Object.entries(table).map(([name, text]) => [
    name, typeof text === 'string' ? pseudoText(text) : (...values: never[]) => pseudoText(text(...values)),
  ]);
  return Object.fromEntries(entries) as SameNames<Table>;
}

const accents: Readonly<Record<string, string>> = { a: 'á', c: 'ç', e: 'é', i: 'í', n: 'ñ', o: 'ó', s: 'š', u: 'ú', y: 'ý', A: 'Á', E: 'É', I: 'Í', O: 'Ó', S: 'Š', U: 'Ú' };

/** German and Russian are about a third longer than English. */
function pseudoText(text: string): string {
  const accented = [...text].map((character) => accents[character] ?? character).join('');
  return `[${accented}${'·'.repeat(Math.ceil(text.length / 3))}]`;
}

/** `one` and `other` in English; Russian also has `few` and `many`. */
export function plural(language: 'en' | 'ru', count: number, forms: { one: string; few?: string; many?: string; other: string }): string {
  const rule = new Intl.PluralRules(language).select(count);
  const form = (rule === 'one' ? forms.one : rule === 'few' ? forms.few : rule === 'many' ? forms.many : forms.other) ?? forms.other;
  return `${formatCount(count, language)} ${form}`;
}

function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count);
}
