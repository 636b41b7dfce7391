import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../src/host/clock';
import { openJournal } from '../../src/host/journal';
import { backtest } from '../../src/server/backtest';
import type { Silence } from '../../src/shared/model';
import { defaultSettings } from '../../src/shared/settings';
import { aSilence } from '../fixtures/silence';
import { policedRun } from './support/policed-run';
import { buildPrograms, type Programs } from './support/programs';
import { realProcesses } from './support/real-processes';
import { type CliRun, cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const processes = realProcesses();
let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());
afterEach(() => processes.endAll());

const MISSING_SECS = 2;
/** As if ended as soon as two readings a second apart show that a worker is stalled. */
const AT_ONCE = [
  ...['--heartbeat-missing-secs', String(MISSING_SECS), '--policy-check-interval-ms', '1000'],
  ...['--ending-policy', '{"worker-directory":{"action":"kill","afterSecs":0}}'],
];

/** A state folder with a journal of its own, and the command line on it. */
function recorded() {
  const base = mkdtempSync(join(tmpdir(), 'idlewatch-backtest-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const environment = cleanEnvironment(base);
  const folder = join(environment.XDG_STATE_HOME ?? '', 'idlewatch');
  const journal = openJournal(folder, { warn: () => undefined }, createClock());
  let isOpen = true;
  const close = () => {
    if (isOpen) journal.close();
    isOpen = false;
  };
  onTestFinished(close);
  const cli = (...args: string[]): Promise<CliRun> =>
    runCli(programs.cli, ['policy', 'backtest', ...args], environment);
  return { folder, journal, cli, close };
}

const namesIn = (cases: { workerName: string }[]) => cases.map(({ workerName }) => workerName);

describe.runIf(process.platform === 'linux')('a backtest of real workers', () => {
  it('calls it a mistake to end one that came back, and right to end one that never did', async () => {
    const { journal, cli } = recorded();
    const run = await policedRun(processes, ['back', 'lost', 'well'], {
      settings: { endingPolicy: {}, heartbeat_missing_secs: MISSING_SECS },
    });
    const silences: Silence[] = [];
    run.monitor.onSilence((silence) => {
      silences.push(silence);
      journal.silence(silence);
    });
    const beating = setInterval(() => run.beat('well'), 200);
    onTestFinished(() => clearInterval(beating));
    const isSilent = (name: string) =>
      run.row(name).health === 'stalled' && (run.row(name).heartbeatAgeMs ?? 0) > 3 * MISSING_SECS * 1_000;
    await waitFor('two are silent for three times as long as they may', () => isSilent('back') && isSilent('lost'));
    expect(silences.filter(({ workerName }) => workerName !== 'well')).toEqual([]);

    run.beat('back');
    process.kill(run.row('lost').pid ?? 0, 'SIGKILL');
    const ofBoth = () => silences.filter(({ workerName }) => workerName !== 'well');
    await waitFor('both silences are over', () => ofBoth().length === 2);
    const ends = Object.fromEntries(ofBoth().map(({ workerName, end }) => [workerName, end]));
    expect(ends).toEqual({ back: 'life', lost: 'gone' });

    await waitFor('the journal has them', () => journal.silences(0).length >= 2);
    const result = await cli('--json', ...AT_ONCE);
    expect(result).toMatchObject({ code: 2, stderr: '' });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({ schema: 1, asIf: false, kinds: [{ source: 'worker-directory', afterMs: 0 }] });
    expect(namesIn(report.mistaken)).toContain('back');
    expect(namesIn(report.right)).toEqual(['lost']);
    expect(report.mistaken.find(({ workerName }: Silence) => workerName === 'back').text).toMatch(
      /^No sign of life for \d+ s: would have been ended after 3 s, and went on by itself \d+ s later$/,
    );

    const patient = await cli('--json', ...AT_ONCE.with(1, '600'));
    expect(patient.code).toBe(0);
    expect(JSON.parse(patient.stdout)).toMatchObject({ mistaken: [], right: [] });
  });
});

describe('idlewatch policy backtest', () => {
  it('says that nothing is recorded where nothing is, and makes nothing', async () => {
    const { folder, cli } = recorded();
    const result = await cli();
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Nothing is recorded yet');
    expect(result.stdout).toContain('No kind is set to be ended; as if every one were');
    expect(existsSync(folder)).toBe(false);
  });

  it('names worker, time, kind and what became of it, and ends with 2 where somebody would have been ended wrongly', async () => {
    const { journal, cli, close } = recorded();
    const silentFrom = Date.now() - 3 * 3_600_000;
    journal.silence(aSilence({ silentFrom, workerName: 'came-back' }));
    journal.silence(aSilence({ silentFrom, workerId: 'w:2', workerName: 'never\u001b[31m', end: 'gone' }));
    close();
    const { code, stdout, stderr } = await cli();
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toMatch(/^2 ends would have been made, 1 wrongly: it went on or ended well; 1 rightly/);
    expect(stdout).toMatch(
      /^Wrongly\n.*\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}came-back {2}worker directory {2}No sign of life for 6 min/m,
    );
    expect(stdout).toMatch(/^Rightly\n.*\n.*never␛\[31m/m);
    expect(stdout).toContain('What cannot be told\n  Only 2 h');
    expect((await cli('--since', '1h')).code, 'longer ago').toBe(0);
    expect((await cli('--since', '4h')).code).toBe(2);
    expect((await cli('--heartbeat-missing-secs', '100', '--heartbeat-stale-secs', '100')).code).toBe(0);
  });

  it('is the same that a program gets of the settings in its own process', async () => {
    const { journal, cli, close } = recorded();
    const silences = [aSilence({ silentFrom: Date.now() - 3_600_000 })];
    for (const each of silences) journal.silence(each);
    close();
    const settings = defaultSettings();
    const span = { since: 0, until: Date.now(), inForce: settings };
    const [expected] = backtest(silences, settings, span).mistaken;
    const [found] = JSON.parse((await cli('--json')).stdout).mistaken;
    expect(found).toMatchObject({ workerId: expected?.workerId, text: expected?.text });
  });

  it.each([
    [['--since', 'yesterday'], /--since is "yesterday"; allowed is so long ago \(7d, 12h, 30min\) or a date/],
    [['--since', '2999-01-01'], /--since is "2999-01-01"; allowed is/],
    [['--heartbeat-missing-secs', '0'], /--heartbeat-missing-secs is "0"; allowed is/],
  ])('refuses %j in words', async (args, words) => {
    const { cli } = recorded();
    const result = await cli(...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(words);
  });
});
