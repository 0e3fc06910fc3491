/** The example that a person looks at: chosen in Compare, it stays chosen in Ensembles, and the other way round. */
interface ChosenExample {
  /** The file with it, by its SHA-256. */
  data: string;
  id: string;
}

class ExampleState {
  chosen = $state.raw<ChosenExample | null>(null);

  /** @returns the chosen example's id, where it is of this file */
  idIn(data: string | undefined): string | null {
    return this.chosen !== null && this.chosen.data === data ? this.chosen.id : null;
  }
}

export const example = new ExampleState();
