interface Kept<Answer> {
  answer: Answer;
  untilMs: number;
}

/**
 * Ask at most so often: an answer serves for `keptMs` after it was had, because asking starts a program and many
 * questions come in one breath. One that failed serves longer, lest every question wait for the same failure.
 */
export function recently<Answer extends { ok: boolean }>(ask: () => Answer, keptMs: number): () => Answer {
  let kept: Kept<Answer> | null = null;
  return () => {
    if (kept && performance.now() < kept.untilMs) return kept.answer;
    const answer = ask();
    kept = { answer, untilMs: performance.now() + (answer.ok ? keptMs : FAILURE_KEPT_MS) };
    return answer;
  };
}

const FAILURE_KEPT_MS = 2_000;
