/** What this window remembers for itself: theme, language, pane sizes. Kept in the browser's storage, which a private window may refuse. */
import { findShell } from '../connection/shell.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
/** `pseudo` shows every text longer and marked: it finds what is not in the catalogue and what does not fit. */
export const languages = ['en', 'ru', 'pseudo'] as const;
export type Language = (typeof languages)[number];

function read(key: string): string | null {
  try {
    return localStorage.getItem(`souffleur.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`souffleur.${key}`, value);
  } catch {
    // Not remembered, then.
  }
}

function oneOf<Value extends string>(values: readonly Value[], text: string | null, fallback: Value): Value {
  return values.find((value) => value === text) ?? fallback;
}

class Preferences {
  #theme = $state<Theme>(oneOf(themes, read('theme'), 'system'));
  #language = $state<Language>(oneOf(languages, read('language'), navigator.language.startsWith('ru') ? 'ru' : 'en'));
  #isSystemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);
  #sizes = $state<Record<string, number>>({});

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
      this.#isSystemDark = matches;
      this.#apply();
    });
    this.#apply();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    write('theme', theme);
    this.#apply();
  }

  /** What the theme comes to. */
  get isDark(): boolean {
    return this.#theme === 'dark' || (this.#theme === 'system' && this.#isSystemDark);
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    write('language', language);
    this.#apply();
  }

  /** The language for `Intl`. */
  get locale(): string {
    return this.#language === 'ru' ? 'ru' : 'en';
  }

  size(name: string, fallback: number): number {
    const kept = this.#sizes[name] ?? Number(read(`size.${name}`) ?? Number.NaN);
    return Number.isFinite(kept) ? kept : fallback;
  }

  setSize(name: string, value: number): void {
    this.#sizes[name] = value;
    write(`size.${name}`, String(Math.round(value)));
  }

  #apply(): void {
    document.documentElement.dataset['theme'] = this.isDark ? 'dark' : 'light';
    document.documentElement.lang = this.locale;
    // For menus, dialogs and the window's own frame.
    findShell()?.tellPreferences({ language: this.#language === 'ru' ? 'ru' : 'en', theme: this.#theme });
  }
}

export const preferences = new Preferences();
