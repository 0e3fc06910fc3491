/** What a person says of a prompt whose file does not say it. */
export interface Assumptions {
  model: string | null;
  task: string | null;
  labels: string[] | null;
}

export const noAssumptions: Assumptions = { model: null, task: null, labels: null };
