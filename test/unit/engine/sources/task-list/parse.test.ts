import { describe, expect, test } from 'vitest';
import { parseEntries, stateWords, tasksOf } from '../../../../../src/engine/sources/task-list/parse';

const COLUMNS = { id: 'id', title: 'title', state: 'state', lastActivity: 'last_activity' };

function tasks(value: unknown, columns = COLUMNS) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const entries = parseEntries(text, false);
  const parsed = entries.ok ? tasksOf(entries.value, columns) : entries;
  return parsed.ok ? parsed.value.map(({ id, title, state }) => [id, title, state]) : parsed.detail;
}

describe('a task list', () => {
  test.each<[string, unknown]>([
    ['is a list', [{ id: 'a', title: 'A', state: 'todo' }]],
    ['is a map by id', { a: { title: 'A', state: 'todo' } }],
    ['is a list below tasks', { tasks: [{ id: 'a', title: 'A', state: 'todo' }], version: 1 }],
    ['is a map below tasks', { tasks: { a: { title: 'A', state: 'todo' } } }],
    ['is lines', '{"id": "a", "state": "busy"}\n\n{"id": "a", "title": "A", "state": "todo"}\n{"id": "b", "ti'],
    ['has an id of its own in a map', { x: { id: 'a', title: 'A', state: 'todo' } }],
    ['holds other things too', [{ id: 'a', title: 'A', state: 'todo' }, 'comment', null, { state: 'no id' }]],
  ])('%s', (_, value) => expect(tasks(value)).toEqual([['a', 'A', 'todo']]));

  test('has numbers for ids and states, and no title', () => {
    expect(tasks([{ id: 7, state: 2, title: '' }])).toEqual([['7', null, '2']]);
  });

  test('is shown harmlessly', () => {
    expect(tasks([{ id: 'a\u001b[2J', title: 'x\u202e'.repeat(200), state: 'to\ndo' }])).toEqual([
      ['a␛[2J', expect.stringMatching(/^x�.*…$/), 'to␊do'],
    ]);
  });

  test.each<[unknown, string]>([
    ['{"tasks": [', 'expected JSON, found “{"tasks": [”'],
    ['', 'expected JSON, found none'],
    ['17', 'expected a list or map of tasks, found 17'],
    [['a', 'b'], 'expected a list or map of tasks, found ["a","b"]'],
    [{ tasks: 'none' }, 'expected a list or map of tasks, found “none”'],
    ['SQLite format 3\0…', 'it is a SQLite database, and no table is named'],
    [[{ uid: 'a', status: 'todo' }], 'expected the fields “id” and “state”, found “uid”, “status”'],
    [[{ id: 'a', status: 'todo' }], 'expected the fields “id” and “state”, found “id”, “status”'],
  ])('%j is refused in words', (value, detail) => expect(tasks(value)).toBe(detail));

  test('is none of tasks where it is empty', () => {
    for (const value of [[], {}, { tasks: [] }]) expect(tasks(value)).toEqual([]);
    expect(parseEntries('\n', true)).toEqual({ ok: true, value: [] });
  });

  test('says which entry lacks what all the others have', () => {
    const entries = parseEntries(
      JSON.stringify([
        { id: 'a', state: 'x' },
        { id: 'b', state: null },
      ]),
      false,
    );
    const parsed = entries.ok && tasksOf(entries.value, COLUMNS);
    expect(parsed).toMatchObject({
      value: [{ drift: null }, { id: 'b', state: null, drift: 'expected a text in “state”, found null' }],
    });
  });
});

test.each([
  ['in_progress', 'In progress'],
  ['ai-review', 'Ai review'],
  ['Done', 'Done'],
])('%s is said as %s', (state, words) => expect(stateWords(state)).toBe(words));
