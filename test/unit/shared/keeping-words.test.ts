import { expect, test } from 'vitest';
import { keepingWords } from '../../../src/shared/keeping-words';

test.each([
  [null, 0, null],
  ['history.db: the disk is full', 0, 'What happens cannot be kept (history.db: the disk is full): no event waits.'],
  ['history.db: the disk is full', 1, 'What happens cannot be kept (history.db: the disk is full): 1 event waits.'],
  ['no\u001b[2Jroom', 42, 'What happens cannot be kept (no␛[2Jroom): 42 events wait.'],
])('failing %o with %d waiting is said as %o', (failing, waiting, words) => {
  expect(keepingWords({ failing, waiting })).toBe(words);
});
