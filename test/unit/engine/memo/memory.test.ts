import { expect, test } from 'vitest';
import { memoOver, readAll, settled } from './upstream';

const KILO = 'x'.repeat(1_000);

async function answered(memo: ReturnType<typeof memoOver>, key: string, chunk: string): Promise<void> {
  const asked = memo.ask(key);
  const call = memo.call(memo.calls.length);
  call.open();
  call.push(chunk);
  call.end();
  expect(await readAll(await asked)).toBe(chunk);
}

test('what was used longest ago goes first when room is short', async () => {
  const made = memoOver({ maxBytes: 4_000 });
  const chunk = 'x'.repeat(450);
  for (const key of ['1', '2', '3', '4', '5', '6', '7', '8']) await answered(made, key, chunk);
  await (await made.ask('1')).chunks.next();
  await answered(made, '9', chunk);
  expect(made.memo.getStats().heldBytes).toBeLessThanOrEqual(4_000);
  expect((await made.ask('1')).from).toBe('hit');
  void made.ask('2');
  expect(made.calls).toHaveLength(10);
});

test('an answer over an eighth is shared by those who are there, and not remembered', async () => {
  const { ask, call, calls, memo } = memoOver();
  const asked = [ask(), ask()];
  call(1).open();
  const texts = (await Promise.all(asked)).map(readAll);
  for (let at = 0; at < 20; at += 1) {
    call(1).push(KILO);
    await settled();
    expect(memo.getStats().heldBytes).toBeLessThan(3_000);
  }
  void ask();
  expect(calls).toHaveLength(2);
  call(1).end();
  expect((await Promise.all(texts)).map(({ length }) => length)).toEqual([20_000, 20_000]);
  expect(memo.getStats().rememberedAnswers).toBe(0);
});

test('the faster caller of a large answer waits for the slower, and only so long', async () => {
  const { ask, call, clock, memo } = memoOver();
  const asked = [ask(), ask()];
  call(1).open();
  for (let at = 0; at < 10; at += 1) call(1).push(KILO);
  const [fast, slow] = (await Promise.all(asked)) as [Awaited<(typeof asked)[0]>, Awaited<(typeof asked)[0]>];
  let read = 0;
  const reading = (async () => {
    for await (const _ of fast.chunks) read += 1;
  })();
  await settled();
  expect(read).toBe(1); // It would have to be kept for the slower one.
  await slow.chunks.next();
  await settled();
  expect(read).toBe(2);
  clock.step(29_999);
  await settled();
  expect(read).toBe(2);
  clock.step(1);
  await settled();
  expect(read).toBe(10);
  await expect(slow.chunks.next()).rejects.toThrow('read too slowly');
  call(1).end();
  await reading;
  expect(memo.getStats().heldBytes).toBe(0);
  expect(clock.timerCount).toBe(0);
});

test('many calls at once stay within the bound: those for which there is no room keep nothing for later', async () => {
  const { ask, call, memo } = memoOver();
  const readers: Promise<string>[] = [];
  for (let at = 1; at <= 100; at += 1) {
    const asked = ask(`key ${at}`);
    call(at).open();
    readers.push(readAll(await asked));
    call(at).push('x'.repeat(500));
    await settled();
    expect(memo.getStats().heldBytes).toBeLessThan(8_000 + 500 + 100 * 20);
  }
  for (let at = 1; at <= 100; at += 1) call(at).end();
  expect((await Promise.all(readers)).every(({ length }) => length === 500)).toBe(true);
  expect(memo.getStats().heldBytes).toBeLessThanOrEqual(8_000);
});
