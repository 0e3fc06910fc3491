/** What every other part knows of a tokenizer. */
export interface Tokenizer {
  /** Pieces known, including special ones and sentinels: 32,100 for T5 (its embedding has 32,128 rows). */
  readonly vocabularySize: number;
  readonly padId: number;
  readonly eosId: number;
  readonly unkId: number;
  /**
   * The ids of a text; no end of sequence is added. Special tokens and sentinels written in the text become their ids.
   * Linear in the text; a lone surrogate counts as U+FFFD.
   */
  encode(text: string): number[];
  /** @throws TokenizerError `token-id-unknown`. */
  pieces(ids: readonly number[]): string[];
  /**
   * The text of ids, as SentencePiece joins it: special tokens dropped unless `keepSpecial`, the unknown piece as ` ⁇ `
   * (or `<unk>` with `keepSpecial`). An id beyond the vocabulary reads as unknown, since a T5's output has more rows than pieces.
   * @throws TokenizerError `token-id-unknown` for what is no id at all (negative, fractional, NaN).
   */
  decode(ids: readonly number[], options?: { keepSpecial?: true }): string;
  idOf(piece: string): number | null;
  /** @returns the id of `<extra_id_index>`, or null where the tokenizer has no such sentinel. */
  sentinel(index: number): number | null;
}
