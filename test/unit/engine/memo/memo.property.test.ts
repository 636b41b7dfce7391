import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoClosedError } from '../../../../src/engine/memo';
import { LIMITS, memoOver, settled } from './upstream';

/** What happens next. Numbers choose among what there is: callers, calls. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ask' as const), key: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), which: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), which: fc.nat(), size: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), which: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 149, 30_000, 60_000) }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Memo = ReturnType<typeof memoOver>;

/** What the upstream has been told of one call. */
interface Told {
  text: string;
  fate: 'opening' | 'open' | 'ended' | 'failed';
}

class Caller {
  text = '';
  from: string | null = null;
  /** Of the call it got. */
  head: string | null = null;
  outcome: 'whole' | 'aborted' | 'left' | { error: unknown } | null = null;
  readonly #abort = new AbortController();
  #chunks: AsyncIterableIterator<string> | null = null;
  #leave: (() => void) | null = null;
  readonly done: Promise<void>;
  #wanted = 0;
  #isReading = false;

  constructor({ ask }: Memo, key: string) {
    this.done = ask(key, { signal: this.#abort.signal }).then(
      (answer) => {
        this.from = answer.from;
        this.head = answer.head;
        this.#chunks = answer.chunks;
        this.#leave = answer.leave;
        return this.#go();
      },
      (error) => this.#over({ error }),
    );
  }

  read(times = 1): void {
    this.#wanted += times;
    void this.#go();
  }

  abort(): void {
    this.outcome ??= 'aborted';
    this.#abort.abort(new Error('aborted'));
  }

  leave(): void {
    if (!this.#leave) return;
    this.outcome ??= 'left';
    this.#leave();
  }

  #over(outcome: Caller['outcome']): void {
    this.outcome ??= outcome;
  }

  async #go(): Promise<void> {
    if (this.#isReading || !this.#chunks) return;
    this.#isReading = true;
    try {
      while (this.#wanted > 0 && !this.outcome) {
        this.#wanted -= 1;
        const { done, value } = await this.#chunks.next();
        if (done) this.#over('whole');
        else this.text += value;
      }
    } catch (error) {
      this.#over({ error });
    }
    this.#isReading = false;
  }
}

async function play(memo: Memo, steps: Step[], afterEach: (played: { callers: Caller[]; told: Told[] }) => void) {
  const callers: Caller[] = [];
  const told: Told[] = [];
  const pick = <T>(list: T[], which: number) => list[which % Math.max(1, list.length)];
  for (const what of steps) {
    const at = 'which' in what ? what.which % Math.max(1, memo.calls.length) : 0;
    const call = memo.calls[at];
    const fate = told[at]?.fate;
    if (what.do === 'ask') callers.push(new Caller(memo, what.key));
    else if (what.do === 'wait') memo.clock.step(what.ms);
    else if (what.do === 'read') pick(callers, what.which)?.read();
    else if (what.do === 'abort') pick(callers, what.which)?.abort();
    else if (what.do === 'leave') pick(callers, what.which)?.leave();
    else if (call && told[at]) {
      const one = told[at];
      if (what.do === 'open' && fate === 'opening') {
        one.fate = 'open';
        call.open();
      } else if (what.do === 'refuse' && fate === 'opening') {
        one.fate = 'failed';
        call.refuse(new Error('upstream'));
      } else if (what.do === 'push' && fate === 'open') {
        const chunk = `${at + 1}.${one.text.length}${'x'.repeat(what.size)};`;
        one.text += chunk;
        call.push(chunk);
      } else if (what.do === 'end' && fate === 'open') {
        one.fate = 'ended';
        call.end();
      } else if (what.do === 'fail' && fate === 'open') {
        one.fate = 'failed';
        call.fail(new Error('upstream'));
      }
    }
    await settled();
    while (told.length < memo.calls.length) told.push({ text: '', fate: 'opening' });
    afterEach({ callers, told });
  }
  return { callers, told };
}

/** Everybody reads on, every call ends. */
async function finish(memo: Memo, { callers, told }: Awaited<ReturnType<typeof play>>): Promise<void> {
  for (const caller of callers) caller.read(10_000);
  for (const [at, one] of told.entries()) {
    if (one.fate === 'opening') memo.calls[at]?.open();
    if (one.fate === 'opening' || one.fate === 'open') memo.calls[at]?.end();
    if (one.fate !== 'failed') one.fate = 'ended';
  }
  await Promise.all(callers.map(({ done }) => done));
  await settled();
}

function numberOf(head: string): number {
  return Number(head.split(' ')[1]);
}

test('whatever happens, each caller gets a whole answer or learns why not, and memory is bounded', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.constantFrom(400, 1_500, 100_000),
      async (steps, maxBytes) => {
        const memo = memoOver({ maxBytes });
        const largest = 320; // A chunk that no other can make room for, for each call under way.
        const played = await play(memo, steps, () => {
          const { heldBytes, openCalls } = memo.memo.getStats();
          expect(heldBytes).toBeLessThanOrEqual(maxBytes + openCalls * largest);
        });
        await finish(memo, played);
        for (const { outcome, text, head } of played.callers) {
          expect(outcome).not.toBeNull();
          const one = head === null ? null : played.told[numberOf(head) - 1];
          if (one) expect(one.text.startsWith(text)).toBe(true);
          if (outcome === 'whole') expect(text).toBe(one?.text);
          if (outcome !== null && typeof outcome === 'object')
            expect((outcome.error as Error).message).toMatch(/upstream|too slowly/);
        }
        for (const [at, { fate }] of played.told.entries()) {
          const users = played.callers.filter(({ head }) => head !== null && numberOf(head) === at + 1);
          // A call that ended was cancelled only if nobody went on reading it.
          if (fate === 'ended' && users.some(({ outcome }) => outcome === 'whole'))
            expect(memo.calls[at]?.signal.aborted).toBe(false);
        }
        expect(memo.memo.getStats().openCalls).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test('with room for all, a call is made only where no other can be shared and no answer is remembered', async () => {
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const memo = memoOver({ maxBytes: 10_000_000 });
      const startedAt: number[] = [];
      const wholeAt = new Map<number, number>();
      await play(memo, steps, ({ callers, told }) => {
        const now = memo.clock.monotonicMs();
        for (const [at, { isOver }] of memo.calls.entries()) if (isOver && !wholeAt.has(at)) wholeAt.set(at, now);
        const began = memo.calls.slice(startedAt.length);
        for (const { key } of began) {
          for (const [at, earlier] of memo.calls.slice(0, startedAt.length).entries()) {
            if (earlier.key !== key || earlier.signal.aborted || told[at]?.fate === 'failed') continue;
            const whole = wholeAt.get(at) ?? Number.POSITIVE_INFINITY;
            expect(Math.max((startedAt[at] ?? 0) + LIMITS.windowMs, whole + LIMITS.ttlMs)).toBeLessThanOrEqual(now);
          }
          startedAt.push(now);
        }
        shared += callers.filter(({ from }) => from === 'hit' || from === 'shared').length;
      });
    }),
    { numRuns: 200 },
  );
  expect(shared).toBeGreaterThan(100);
});

test('destroying in the middle leaves nobody waiting', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const memo = memoOver(LIMITS);
      const { callers } = await play(memo, steps, () => {});
      for (const caller of callers) caller.read(10_000);
      await settled();
      memo.memo.destroy();
      await Promise.all(callers.map(({ done }) => done));
      await settled();
      for (const { outcome } of callers) {
        expect(outcome).not.toBeNull();
        if (outcome !== null && typeof outcome === 'object' && (outcome.error as Error).message !== 'upstream')
          expect(outcome.error).toBeInstanceOf(MemoClosedError);
      }
      expect(memo.memo.getStats()).toEqual({ openCalls: 0, rememberedAnswers: 0, heldBytes: 0 });
      expect(memo.clock.timerCount).toBe(0);
    }),
    { numRuns: 150 },
  );
});
