/** What a pattern makes of a row before it is tokenized: a closed union, so that the encoder of every convention handles every part. */

export type InputPart =
  | { readonly kind: 'text'; readonly text: string }
  /** Rows of the trained prompt, in order of appearance; the tokens of `from` initialise them, null leaves that to the method. */
  | { readonly kind: 'soft'; readonly rows: number; readonly from: string | null }
  /** Where the answer belongs: `<extra_id_0>` in the span-corruption convention, nothing in the LM-adapted one. */
  | { readonly kind: 'answer' };
