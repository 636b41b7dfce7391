/**
 * The body of an answer, piece by piece, until it ends; rejects with the signal's reason as soon as that is aborted, and is
 * cancelled with it, or when the loop is left. The signal given to fetch does not see to that: what fetch hears it with
 * may be collected as garbage once the head has come, and then neither a reader nor the connection is told.
 */
export async function* bodyOf(answer: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
