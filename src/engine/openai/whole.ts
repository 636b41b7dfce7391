/** Whether an answer is one to remember: all of it came, and nothing cut it short. */

export type Path = '/responses' | '/chat/completions';

/** Of an answer that came at once. */
export function isWholeObject(path: Path, value: unknown): boolean {
  if (!isObject(value)) return false;
  return path === '/responses' ? value.status === 'completed' : hasFinished(choicesOf(value));
}

/** Of a stream: fed with each event, asked when all have come. */
export function createStreamWatch(path: Path): { note(event: unknown): void; isWhole(): boolean } {
  let isCompleted = false;
  const finished = new Map<unknown, boolean>();
  return {
    note(event) {
      if (!isObject(event)) return;
      if (path === '/responses') isCompleted = event.type === 'response.completed';
      else for (const { index, finish_reason: reason } of choicesOf(event)) finished.set(index, Boolean(reason));
    },
    isWhole: () => (path === '/responses' ? isCompleted : finished.size > 0 && [...finished.values()].every(Boolean)),
  };
}

function hasFinished(choices: Record<string, unknown>[]): boolean {
  return choices.length > 0 && choices.every(({ finish_reason: reason }) => Boolean(reason));
}

function choicesOf({ choices }: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(choices) ? choices.filter(isObject) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
