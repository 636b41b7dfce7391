export interface MemoStats {
  /** Calls upstream that are not over. */
  openCalls: number;
  rememberedAnswers: number;
  /** What both hold in memory, as the caller's measures tell. */
  heldBytes: number;
}
