/** Runs that a person marked, to be compared, voted or thrown away together: the same in every view. */
class MarkedRuns {
  ids = $state.raw<ReadonlySet<string>>(new Set());

  toggle(id: string): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.ids = next;
  }

  clear(): void {
    this.ids = new Set();
  }
}

export const markedRuns = new MarkedRuns();
