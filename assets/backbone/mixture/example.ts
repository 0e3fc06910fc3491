/** What the backbone is trained on: pairs of texts. Sentinels stand in them by name. */
export interface PretrainingExample {
  readonly source: string;
  readonly target: string;
  /** Whether the source ends with the end-of-sequence token, as it does when the task is not in the sentinels' form. */
  readonly ending: 'end-token' | 'none';
}

export function sentinel(index: number): string {
  return `<extra_id_${index}>`;
}
