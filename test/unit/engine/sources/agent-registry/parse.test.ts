import { describe, expect, it } from 'vitest';
import { parseRegistry, type RegisteredAgent } from '../../../../../src/engine/sources/agent-registry/parse';

const AT = 1_785_000_000_000;

function parsed(value: unknown): RegisteredAgent[] {
  const result = parseRegistry(JSON.stringify(value));
  return result.ok ? result.value : expect.unreachable(result.detail);
}

describe('a registry', () => {
  it('is a map by job', () => {
    expect(parsed({ j1: { pid: 7, startedAt: AT }, j2: { pid: 8, startedAt: AT, name: 'two', jobId: 'own' } })).toEqual(
      [
        { jobId: 'j1', name: 'j1', pid: 7, startedAt: AT, heartbeatAt: null, cwd: null, drift: null },
        { jobId: 'own', name: 'two', pid: 8, startedAt: AT, heartbeatAt: null, cwd: null, drift: null },
      ],
    );
  });

  it('is a list', () => {
    const list = [
      { pid: 7, startedAt: AT, jobId: 3 },
      { pid: 8, startedAt: AT, name: 'b' },
      { pid: 9, startedAt: AT },
    ];
    expect(parsed(list).map(({ jobId, name }) => [jobId, name])).toEqual([
      ['3', '3'],
      ['b', 'b'],
      ['pid 9', 'pid 9'],
    ]);
  });

  it('may be empty, and hold what is no entry', () => {
    expect(parsed({})).toEqual([]);
    expect(parsed([])).toEqual([]);
    expect(parsed({ version: 2, a: { pid: 7, startedAt: AT } })).toHaveLength(1);
  });

  it('tells entries of one name apart', () => {
    const same = { pid: 7, startedAt: AT, name: 'a' };
    expect(parsed([same, same, same]).map(({ jobId }) => jobId)).toEqual(['a', 'a (2)', 'a (3)']);
  });

  it.each([
    ['milliseconds', AT, AT],
    ['seconds', AT / 1000, AT],
    ['a time with a zone', '2026-07-25T19:20:00+02:00', Date.UTC(2026, 6, 25, 17, 20)],
  ])('knows times as %s', (_, startedAt, at) => {
    expect(parsed([{ pid: 7, startedAt }])[0]).toMatchObject({ startedAt: at, drift: null });
    expect(parsed([{ pid: 7, started_at: startedAt, heartbeat_at: startedAt }])[0]).toMatchObject({
      ...{ startedAt: at, heartbeatAt: at, drift: null },
    });
  });

  it.each([
    [{ startedAt: AT }, /^expected pid as a whole number above 1, found none$/],
    [{ pid: 1, startedAt: AT }, /^expected pid .* found 1$/],
    [{ pid: '7', startedAt: AT }, /^expected pid .* found “7”$/],
    [{ pid: 7 }, /^expected startedAt as a time .* found none$/],
    [
      { pid: 7, startedAt: '2026-07-25T19:20:00' },
      /^expected startedAt .* with a zone\), found “2026-07-25T19:20:00”$/,
    ],
    [{ pid: 7, startedAt: 12 }, /^expected startedAt .* found 12$/],
    [{ pid: 7, startedAt: AT, heartbeatAt: 'now' }, /^expected heartbeatAt .* found “now”$/],
  ])('says of %j what was expected', (entry, drift) => {
    expect(parsed({ j: entry, well: { pid: 9, startedAt: AT } })).toMatchObject([
      { jobId: 'j', drift: expect.stringMatching(drift) },
      { jobId: 'well', drift: null },
    ]);
  });

  it('takes only an absolute path for where an agent works', () => {
    expect(parsed([{ pid: 7, startedAt: AT, cwd: '/work/a' }])[0]?.cwd).toBe('/work/a');
    expect(parsed([{ pid: 7, startedAt: AT, cwd: '../a' }])[0]?.cwd).toBeNull();
  });

  it.each([
    ['{"a": {"pid"', 'expected a JSON map or list, found “{"a": {"pid"”'],
    ['', 'expected a JSON map or list, found “”'],
    ['7', 'expected a JSON map or list, found 7'],
    [
      '{"agents": [{"pid": 7}]}',
      'expected a map or list of objects with pid and startedAt, found {"agents":[{"pid":7}]}',
    ],
    ['[1, 2]', 'expected a map or list of objects with pid and startedAt, found [1,2]'],
    [JSON.stringify(Array(1_001).fill({})), 'expected at most 1000 entries, found 1001'],
  ])('%.40s is none', (json, detail) => {
    expect(parseRegistry(json)).toEqual({ ok: false, detail });
  });
});
