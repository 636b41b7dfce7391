import { expect, test } from 'vitest';
import { eventJson, jsonLine, workerJson } from '../../../src/cli/json';
import { workerRow } from '../../fixtures/snapshot';

test('a session tells what it has used, whether it is idle, and whom it works for', () => {
  const at = Date.parse('2026-01-02T03:04:05.678Z');
  const row = workerRow({
    source: 'opencode',
    since: at,
    parentId: 'opencode:1',
    usage: { tokens: 1_200, cost: null },
    idle: { status: 'idle', activeAt: at, thresholdMs: 600_000 },
  });
  expect(workerJson(row)).toMatchObject({
    since: '2026-01-02T03:04:05.678Z',
    parentId: 'opencode:1',
    usage: { tokens: 1_200, cost: null },
    idle: { status: 'idle', activeAt: '2026-01-02T03:04:05.678Z', thresholdMs: 600_000 },
  });
  expect(workerJson(workerRow())).toMatchObject({ parentId: null, usage: null, idle: null });
});

test('an event has the name that the API gives it, and its data where it has any', () => {
  const event = { id: 3, at: 0, kind: 'stalled', workerId: 'a', workerName: 'b', text: 'c' } as const;
  const told = {
    id: 3,
    at: '1970-01-01T00:00:00.000Z',
    event: 'worker_stalled',
    workerId: 'a',
    workerName: 'b',
    text: 'c',
  };
  expect(eventJson(event)).toEqual(told);
  expect(eventJson({ ...event, data: { x: 1 } })).toEqual({ ...told, data: { x: 1 } });
});

test('a line is one line', () => {
  expect(jsonLine({ a: 'x\ny\u2028z' }).split('\n')).toHaveLength(2);
});
