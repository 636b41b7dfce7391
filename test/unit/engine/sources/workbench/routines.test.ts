import { describe, expect, it } from 'vitest';
import { parseRoutine, shortestGapSecs, slugOf } from '../../../../../src/engine/sources/workbench/routines';

describe('parseRoutine', () => {
  it('reads what limits its workbenches', () => {
    const toml = `
id = "0b9d"
title = "Fix the CI!"
agent = "claude"
ttl_secs = 600
max_runtime_secs = 900
repositories = [
  { repository = "https://example.com/r.git", branch = "main" },
]

[env]
GH_TOKEN = "x"
ttl_secs = "1"
`;
    expect(parseRoutine(toml, null)).toEqual({ title: 'Fix the CI!', ttlSecs: 600, maxRuntimeSecs: 900 });
  });

  it('takes nothing from a prompt that looks like a setting', () => {
    const toml = 'title = "t"\nprompt = """\nttl_secs = 1\nmax_runtime_secs = 1\n"""\n';
    expect(parseRoutine(toml, null)).toEqual({ title: 't', ttlSecs: null, maxRuntimeSecs: null });
  });

  it('shortens both by the time between two firings', () => {
    const toml = 'title = "t"\nschedule = "*/5 * * * *"\nttl_secs = 600\nmax_runtime_secs = 60\n';
    expect(parseRoutine(toml, null)).toEqual({ title: 't', ttlSecs: 300, maxRuntimeSecs: 60 });
  });

  it('goes by schedule.cron before the schedule in routine.toml', () => {
    const toml = 'title = "t"\nschedule = "*/5 * * * *"\n';
    const cron = '# every ten minutes\n\n  */10 * * * *  \n';
    expect(parseRoutine(toml, cron)).toMatchObject({ ttlSecs: 600, maxRuntimeSecs: 600 });
    expect(parseRoutine(toml, '# nothing yet\n')).toMatchObject({ ttlSecs: 300 });
  });

  it.each([
    ['zero', 'ttl_secs = 0\nmax_runtime_secs = 0'],
    ['negative', 'ttl_secs = -5\nmax_runtime_secs = -5'],
    ['text', 'ttl_secs = "5"\nmax_runtime_secs = "5"'],
    ['a fraction', 'ttl_secs = 5.5\nmax_runtime_secs = inf'],
    ['absent', ''],
  ])('finds no limit in a value that is %s', (_, toml) => {
    expect(parseRoutine(toml, '@reboot')).toEqual({ title: null, ttlSecs: null, maxRuntimeSecs: null });
  });

  it('is null where there is no TOML', () => {
    expect(parseRoutine('id = "x"\nschedu', null)).toBeNull();
    expect(parseRoutine(`a = ${'['.repeat(200_000)}`, null)).toBeNull();
  });
});

describe('shortestGapSecs', () => {
  it.each([
    [['*/5 * * * *'], 300],
    [['@hourly'], 3_600],
    [['0 9 * * *'], 86_400],
    [['0,10 9 1 1 *'], 600],
    [['0,59 * * * *'], 60],
    [['*/10 * * * * *'], 10],
    [['0 9 * * *', '20 9 * * *'], 1_200],
    [['0 9 * * *', '0 9 * * *'], 86_400],
    [['nonsense', '*/15 * * * *'], 900],
  ])('of %j is %d s', (schedules, secs) => {
    expect(shortestGapSecs(schedules)).toBe(secs);
  });

  it.each([[[]], [['@reboot']], [['nonsense']], [['0 0 30 2 *']], [['* '.repeat(500)]]])(
    'of %j is none',
    (schedules) => {
      expect(shortestGapSecs(schedules)).toBeNull();
    },
  );
});

it.each([
  ['Fix the CI!', 'fix-the-ci'],
  ['  -- Über 9000 -- ', 'ber-9000'],
  ['工', 'routine'],
])('slugOf(%j) is %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});
