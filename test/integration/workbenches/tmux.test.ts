import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionListing, TerminalSession } from '../../../src/engine/ports';
import { createTmux } from '../../../src/host/tmux';
import { ownTmux, TMUX_PROGRAM } from '../support/own-tmux';
import { waitFor } from '../support/wait-for';

const namesOf = (listing: SessionListing) =>
  listing.ok ? listing.sessions.map(({ name }) => name).sort() : listing.reason;

async function listed(tmux: ReturnType<typeof createTmux>, name: string): Promise<TerminalSession> {
  const listing = await tmux.sessions();
  const session = listing.ok ? listing.sessions.find((each) => each.name === name) : null;
  if (!session) throw new Error(`no session ${name}: ${namesOf(listing)}`);
  return session;
}

/** A directory with a program called tmux in it. */
function fakeTmux(script: string): Record<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'idlewatch-fake-tmux-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'tmux'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'tmux'), 0o755);
  return { PATH: `${directory}:/usr/bin:/bin` };
}

describe.skipIf(!TMUX_PROGRAM)('the listing', () => {
  it('is empty, and known to be, where no server has ever run', async () => {
    const tmux = createTmux({ environment: ownTmux().environment });
    expect(await tmux.sessions()).toEqual({ ok: true, sessions: [] });
  });

  it('is empty where the server has exited with its last session', async () => {
    const server = ownTmux();
    server.start('last');
    server.run('kill-session', '-t', '=last');
    const tmux = createTmux({ environment: server.environment });
    await waitFor('the answer is that none is left', async () => {
      const listing = await tmux.sessions();
      return listing.ok && listing.sessions.length === 0;
    });
  });

  it('names sessions as tmux does, with all their panes', async () => {
    const server = ownTmux();
    server.start('moadim-a.b:c-1700000000');
    server.start('ünïcode 工');
    server.run('split-window', '-t', '=ünïcode 工:', 'sleep 300');
    const tmux = createTmux({ environment: { ...server.environment, LC_ALL: 'C' } });
    expect(namesOf(await tmux.sessions())).toEqual(['moadim-a_b_c-1700000000', 'ünïcode 工']);
    const session = await listed(tmux, 'ünïcode 工');
    expect(session.panePids).toHaveLength(2);
    expect(session.id).toMatch(/^\$\d+$/);
    expect(Math.abs(session.createdAt - Date.now())).toBeLessThan(20_000);
    expect(String(session.serverPid)).toBe(server.run('display-message', '-p', '#{pid}').trim());
  });

  it('asks the default server, whichever idlewatch itself was started in', async () => {
    const server = ownTmux();
    const other = ownTmux();
    server.start('ours');
    other.start('theirs');
    const inOther = other.run('display-message', '-p', '#{socket_path},#{pid},0').trim();
    const tmux = createTmux({ environment: { ...server.environment, TMUX: inOther, TMUX_PANE: '%0' } });
    expect(namesOf(await tmux.sessions())).toEqual(['ours']);
  });
});

it.each(['server exited unexpectedly', 'server exited', 'lost server'])(
  'a server that is just exiting (“%s”) is asked again until it has',
  async (words) => {
    const twice = 'n=$(cat "$0.n" 2>/dev/null || echo 0); echo $((n + 1)) > "$0.n"';
    const then = `[ "$n" -lt 2 ] && echo "${words}" >&2 || echo "no server running on /tmp/x" >&2; exit 1`;
    const tmux = createTmux({ environment: fakeTmux(`${twice}; ${then}`) });
    expect(await tmux.sessions()).toEqual({ ok: true, sessions: [] });
  },
);

describe('a question that is not answered', () => {
  it('says that there is no tmux', async () => {
    const tmux = createTmux({ environment: { PATH: '/there/is/no/such/directory' } });
    expect(await tmux.sessions()).toEqual({ ok: false, reason: 'tmux is not installed, or not in the PATH' });
  });

  it('says that tmux did not answer in time', async () => {
    const tmux = createTmux({ environment: fakeTmux('sleep 30'), timeoutMs: 200 });
    expect(await tmux.sessions()).toEqual({ ok: false, reason: 'tmux did not answer within 0.2 s' });
  });

  it.skipIf(!TMUX_PROGRAM)('says so while the server itself stands still', async () => {
    const server = ownTmux();
    server.start('one');
    const pid = Number(server.run('display-message', '-p', '#{pid}'));
    process.kill(pid, 'SIGSTOP');
    try {
      const tmux = createTmux({ environment: server.environment, timeoutMs: 300 });
      expect(await tmux.sessions()).toMatchObject({ ok: false, reason: expect.stringMatching(/did not answer/) });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it.each([
    ['another error', 'echo "error connecting to /tmp/x (Permission denied)" >&2; exit 1', /Permission denied/],
    ['a server that exits without end', 'echo "server exited unexpectedly" >&2; exit 1', /server exited/],
    ['an answer of another form', 'echo "one two"', /cannot be understood: one two/],
    ['an answer without end', 'yes "$0"', /more than 1 MB/],
  ])('says what was in the way: %s', async (_, script, reason) => {
    const listing = await createTmux({ environment: fakeTmux(script) }).sessions();
    expect(listing).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe.skipIf(!TMUX_PROGRAM)('ending a session', () => {
  it('ends foo-1 and leaves foo-10 alone', async () => {
    const server = ownTmux();
    for (const name of ['moadim-foo-1', 'moadim-foo-10', 'moadim-foo-100']) server.start(name);
    const tmux = createTmux({ environment: server.environment });
    expect(await tmux.endSession(await listed(tmux, 'moadim-foo-1'))).toEqual({ ok: true });
    expect(server.names().sort()).toEqual(['moadim-foo-10', 'moadim-foo-100']);
  });

  it.each(['a_b-1', 'with space', '$1', '@2', '=x', "quo'te", 'pa{r}#t', '-t', 'ü工'])(
    'ends %s alone',
    async (name) => {
      const server = ownTmux();
      server.start('other');
      server.run('new-session', '-d', '-s', name, 'sleep 300');
      const before = server.names();
      const tmux = createTmux({ environment: server.environment });
      const asListed = before.find((each) => each !== 'other')!;
      expect(await tmux.endSession(await listed(tmux, asListed))).toEqual({ ok: true });
      expect(server.names()).toEqual(['other']);
    },
  );

  it('ends the last one, with which the server goes', async () => {
    const server = ownTmux();
    server.start('last');
    const tmux = createTmux({ environment: server.environment });
    expect(await tmux.endSession(await listed(tmux, 'last'))).toEqual({ ok: true });
    expect(server.names()).toEqual([]);
  });

  it('ends nothing where another session has taken the name', async () => {
    const server = ownTmux();
    server.start('keep');
    server.start('moadim-foo-1');
    const tmux = createTmux({ environment: server.environment });
    const before = await listed(tmux, 'moadim-foo-1');
    server.run('kill-session', '-t', '=moadim-foo-1');
    server.start('moadim-foo-1');
    expect(await tmux.endSession(before)).toEqual({
      ok: false,
      reason: 'the session moadim-foo-1 is not there any more',
    });
    expect(server.names()).toContain('moadim-foo-1');
  });

  it('ends nothing where another server gave the same id and name', async () => {
    const server = ownTmux();
    server.start('moadim-foo-1');
    const tmux = createTmux({ environment: server.environment });
    const before = await listed(tmux, 'moadim-foo-1');
    const other = { ...before, serverPid: before.serverPid + 1 };
    expect(await tmux.endSession(other)).toMatchObject({ ok: false, reason: expect.stringMatching(/not the one/) });
    expect(await tmux.endSession({ ...before, createdAt: before.createdAt - 1000 })).toMatchObject({ ok: false });
    expect(server.names()).toEqual(['moadim-foo-1']);
  });

  it('ends nothing of a session that was given another name', async () => {
    const server = ownTmux();
    server.start('moadim-foo-1');
    const tmux = createTmux({ environment: server.environment });
    const before = await listed(tmux, 'moadim-foo-1');
    server.run('rename-session', '-t', '=moadim-foo-1', 'mine');
    expect(await tmux.endSession(before)).toEqual({
      ok: false,
      reason: 'the session moadim-foo-1 is called mine now',
    });
    expect(server.names()).toEqual(['mine']);
  });

  it('lets the server itself compare once more: a listing that was true a moment ago ends nothing', async () => {
    const server = ownTmux();
    server.start('moadim-foo-1');
    const real = createTmux({ environment: server.environment });
    const { id, serverPid, panePids, name } = await listed(real, 'moadim-foo-1');
    // This tmux lists a session of another time under the same id; everything but the listing goes to the real one.
    const createdAt = 1_600_000_000_000;
    const line = `${id}:${createdAt / 1000}:${serverPid}:${panePids[0]}:${name}`;
    const script = `case "$*" in *list-panes*) echo '${line}';; *) exec '${TMUX_PROGRAM}' "$@";; esac`;
    const tmux = createTmux({ environment: { ...server.environment, ...fakeTmux(script) } });
    const answer = await tmux.endSession({ id, serverPid, panePids, name, createdAt });
    expect(answer).toEqual({ ok: false, reason: 'tmux still lists the session moadim-foo-1' });
    expect(server.names()).toEqual(['moadim-foo-1']);
  });

  it('says when it does not know', async () => {
    const session = { name: 'x', id: '$1', serverPid: 1, createdAt: 0, panePids: [] };
    const tmux = createTmux({ environment: { PATH: '/there/is/no/such/directory' } });
    expect(await tmux.endSession(session)).toMatchObject({ ok: false, reason: expect.stringMatching(/not installed/) });
  });
});
