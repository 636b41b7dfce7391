import { expect, test } from 'vitest';
import { createStreamWatch, isWholeObject } from '../../../../src/engine/openai/whole';

test.each([
  ['/responses', { status: 'completed' }, true],
  ['/responses', { status: 'incomplete' }, false],
  ['/responses', { status: 'failed' }, false],
  ['/responses', { status: 'queued' }, false],
  ['/responses', 'a page of a proxy', false],
  ['/responses', null, false],
  ['/chat/completions', { choices: [{ finish_reason: 'stop' }, { finish_reason: 'length' }] }, true],
  ['/chat/completions', { choices: [{ finish_reason: 'stop' }, { finish_reason: null }] }, false],
  ['/chat/completions', { choices: [] }, false],
  ['/chat/completions', { error: { message: 'no' } }, false],
] as const)('%s %j is whole: %s', (path, value, whole) => {
  expect(isWholeObject(path, value)).toBe(whole);
});

test.each([
  ['/responses', [{ type: 'response.created' }, { type: 'response.completed' }], true],
  ['/responses', [{ type: 'response.created' }, { type: 'response.incomplete' }], false],
  ['/responses', [{ type: 'response.completed' }, { type: 'error' }], false],
  ['/responses', [], false],
  ['/chat/completions', [{ choices: [choice(0, null)] }, { choices: [choice(0, 'stop')] }, { choices: [] }], true],
  ['/chat/completions', [{ choices: [choice(0, 'stop')] }, { choices: [choice(1, null)] }], false],
  ['/chat/completions', [{ choices: [] }], false],
] as const)('a stream of %s with %j is whole: %s', (path, events, whole) => {
  const watch = createStreamWatch(path);
  for (const event of events) watch.note(event);
  expect(watch.isWhole()).toBe(whole);
});

function choice(index: number, reason: string | null) {
  return { index, delta: {}, finish_reason: reason };
}
