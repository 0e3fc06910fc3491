/** An import on its way: it survives going elsewhere and a reload, for as long as the core knows what was handed over. */
import type { CheckRequest, ColumnMapping, DatasetSource } from '../../../main/contract/api/datasets.ts';

export interface Draft {
  source: DatasetSource;
  /** What was dropped, for people. */
  label: string;
  choices: CheckRequest['choices'];
  /** Null takes the first. */
  table: string | null;
  split: string | null;
  /** Null lets the core guess. */
  mapping: ColumnMapping | null;
  model: string | null;
  /** Empty takes the suggested one. */
  name: string;
  saveMappingAs: string;
  /** The work of an import that was started. */
  task: string | null;
}

const storageKey = 'souffleur.import';
const automatic: CheckRequest['choices'] = { encoding: 'auto', delimiter: 'auto', header: 'auto' };

class ImportDraft {
  current = $state.raw<Draft | null>(read());

  begin(source: DatasetSource, label: string): void {
    this.#set({ source, label, choices: automatic, table: null, split: null, mapping: null, model: this.current?.model ?? null, name: '', saveMappingAs: '', task: null });
  }

  change(changes: Partial<Draft>): void {
    if (this.current !== null) this.#set({ ...this.current, ...changes });
  }

  end(): void {
    this.#set(null);
  }

  #set(draft: Draft | null): void {
    this.current = draft;
    try {
      if (draft === null) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, JSON.stringify(draft));
    } catch {
      // Not kept over a reload, then.
    }
  }
}

function read(): Draft | null {
  try {
    // Written by this page alone.
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}

export const importDraft = new ImportDraft();
