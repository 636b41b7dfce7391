import { expect, test } from 'vitest';
import { MemoClosedError } from '../../../../src/engine/memo';
import { memoOver, readAll, settled } from './upstream';

test('identical calls share one call, each reads all of it', async () => {
  const { ask, call, calls } = memoOver();
  const asked = [ask(), ask(), ask()];
  call(1).open();
  const answers = await Promise.all(asked);
  expect(answers.map(({ from }) => from)).toEqual(['miss', 'shared', 'shared']);
  expect(answers.map(({ head }) => head)).toEqual(['head 1', 'head 1', 'head 1']);
  const texts = answers.map(readAll);
  call(1).push('a', 'b');
  await settled();
  const late = await ask();
  expect(late.from).toBe('shared');
  call(1).push('c');
  call(1).end();
  expect(await Promise.all([...texts, readAll(late)])).toEqual(['abc', 'abc', 'abc', 'abc']);
  expect(calls).toHaveLength(1);
});

test('other keys are other calls', async () => {
  const { ask, calls } = memoOver();
  void ask('one');
  void ask('two');
  expect(calls).toHaveLength(2);
});

test('a whole answer is given again until its time is over', async () => {
  const { clock, ask, call, calls } = memoOver();
  const first = ask();
  call(1).open();
  call(1).push('abc');
  call(1).end();
  expect(await readAll(await first)).toBe('abc');
  clock.step(59_999);
  const again = await ask();
  expect(again.from).toBe('hit');
  expect(await readAll(again)).toBe('abc');
  clock.step(1);
  void ask();
  expect(calls).toHaveLength(2);
});

test('what nobody asks for again is forgotten without being asked for', async () => {
  const { clock, ask, call, memo } = memoOver();
  const first = ask();
  call(1).open();
  call(1).end();
  await readAll(await first);
  expect(memo.getStats().rememberedAnswers).toBe(1);
  clock.step(60_000);
  expect(memo.getStats()).toEqual({ openCalls: 0, rememberedAnswers: 0, heldBytes: 0 });
  expect(clock.timerCount).toBe(0);
});

test('without remembering, calls share within the window after the start, over or not', async () => {
  const { clock, ask, call, calls } = memoOver({ ttlMs: 0 });
  const first = ask();
  call(1).open();
  call(1).push('abc');
  call(1).end();
  await readAll(await first);
  clock.step(149);
  expect(await readAll(await ask())).toBe('abc');
  clock.step(1);
  void ask();
  expect(calls).toHaveLength(2);
  clock.step(150);
  void ask(); // The second is under way still, and its window over.
  expect(calls).toHaveLength(3);
});

test('without window and remembering nothing is shared', async () => {
  const { ask, calls } = memoOver({ windowMs: 0, ttlMs: 0 });
  void ask();
  void ask();
  expect(calls).toHaveLength(2);
});

test('an error reaches all who share, and is not remembered', async () => {
  const { ask, call, calls } = memoOver();
  const refused = [ask(), ask()];
  call(1).refuse(new Error('no'));
  for (const one of refused) await expect(one).rejects.toThrow('no');

  const broken = [ask(), ask()];
  call(2).open();
  const readers = (await Promise.all(broken)).map(({ chunks }) => chunks);
  call(2).push('a');
  call(2).fail(new Error('broke'));
  for (const reader of readers) {
    expect(await reader.next()).toEqual({ done: false, value: 'a' });
    await expect(reader.next()).rejects.toThrow('broke');
    await expect(reader.next()).rejects.toThrow('broke');
  }
  void ask();
  expect(calls).toHaveLength(3);
});

test('an answer that tells of an error reaches those who share, and nobody later', async () => {
  const { ask, call, calls } = memoOver();
  const asked = [ask('k', { isSuccess: false }), ask()];
  call(1).open();
  const answers = await Promise.all(asked);
  void ask();
  expect(calls).toHaveLength(2);
  call(1).push('too many');
  call(1).end();
  expect(await Promise.all(answers.map(readAll))).toEqual(['too many', 'too many']);
});

test('an answer that is not whole is shared and not remembered', async () => {
  const { ask, call, calls } = memoOver();
  const asked = [ask(), ask()];
  call(1).isWhole = false;
  call(1).open();
  call(1).push('ab');
  call(1).end();
  expect(await Promise.all((await Promise.all(asked)).map(readAll))).toEqual(['ab', 'ab']);
  void ask();
  expect(calls).toHaveLength(2);
});

test('one caller’s abort ends its own waiting, and the call only when nobody is left', async () => {
  const { ask, call, memo } = memoOver();
  const mine = new AbortController();
  const leader = ask('k', { signal: mine.signal });
  const other = ask();
  mine.abort(new Error('enough'));
  await expect(leader).rejects.toThrow('enough');
  expect(call(1).signal.aborted).toBe(false);
  call(1).open();
  const answer = await other;
  const next = answer.chunks.next();
  call(1).push('a');
  expect(await next).toEqual({ done: false, value: 'a' });
  answer.leave();
  expect(call(1).signal.aborted).toBe(true);
  expect(call(1).returned).toBe(true);
  expect(await answer.chunks.next()).toEqual({ done: true, value: undefined });
  expect(memo.getStats()).toEqual({ openCalls: 0, rememberedAnswers: 0, heldBytes: 0 });
});

test('whoever asks after the last has gone gets a call of its own', async () => {
  const { ask, call, calls } = memoOver();
  const mine = new AbortController();
  const gone = ask('k', { signal: mine.signal });
  mine.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  expect(call(1).signal.aborted).toBe(true);
  const next = ask();
  expect(calls).toHaveLength(2);
  call(2).open();
  expect((await next).from).toBe('miss');
  const late = new AbortController();
  late.abort(new Error('too late'));
  await expect(ask('k', { signal: late.signal })).rejects.toThrow('too late');
});

test('the end of a loop over chunks is the caller’s end', async () => {
  const { ask, call } = memoOver();
  const asked = ask();
  call(1).open();
  call(1).push('a', 'b');
  for await (const chunk of (await asked).chunks) {
    expect(chunk).toBe('a');
    break;
  }
  expect(call(1).signal.aborted).toBe(true);
});

test('the next chunk is asked for only when somebody waits for it', async () => {
  const { ask, call } = memoOver();
  const asked = [ask(), ask()];
  call(1).open();
  call(1).push('a', 'b', 'c');
  const [one, two] = (await Promise.all(asked)) as [Awaited<(typeof asked)[0]>, Awaited<(typeof asked)[0]>];
  await settled();
  expect(call(1).pulls).toBe(0);
  await one.chunks.next();
  await one.chunks.next();
  await two.chunks.next();
  expect(call(1).pulls).toBe(2);
});

test('destroying settles what is pending and forgets', async () => {
  const { ask, call, memo, clock } = memoOver();
  const remembered = ask('other');
  call(1).open();
  call(1).end();
  await readAll(await remembered);
  const opened = ask();
  call(2).open();
  const reading = (await opened).chunks.next();
  const waiting = ask('third');
  memo.destroy();
  await expect(reading).rejects.toThrow(MemoClosedError);
  await expect(waiting).rejects.toThrow(MemoClosedError);
  await expect(ask('other')).rejects.toThrow(MemoClosedError);
  expect(call(2).signal.aborted && call(3).signal.aborted).toBe(true);
  expect(memo.getStats()).toEqual({ openCalls: 0, rememberedAnswers: 0, heldBytes: 0 });
  expect(clock.timerCount).toBe(0);
});

test('a source that begins after everybody has gone is closed', async () => {
  const { ask, call } = memoOver();
  const mine = new AbortController();
  const gone = ask('k', { signal: mine.signal });
  mine.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  call(1).open();
  await settled();
  expect(call(1).returned).toBe(true);
});

test('new limits hold for what is remembered', async () => {
  const { ask, call, calls, memo } = memoOver();
  const first = ask();
  call(1).open();
  call(1).end();
  await readAll(await first);
  memo.configure({ windowMs: 0, ttlMs: 0, maxBytes: 8_000 });
  expect(memo.getStats().rememberedAnswers).toBe(0);
  void ask();
  expect(calls).toHaveLength(2);
});
