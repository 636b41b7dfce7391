import { describe, expect, it } from 'vitest';
import { SessionBook } from '../../../../../src/engine/sources/opencode/book';
import type { Owner, Session } from '../../../../../src/engine/sources/opencode/session';
import { createFiles } from '../../../../../src/host/files';
import { defaultSettings } from '../../../../../src/shared/settings';
import { SteppedClock } from '../../../../fakes/stepped-clock';

const PROCESS = { pid: 4_096, startTime: '1' };

function server(process: Owner['process'] = PROCESS): Owner {
  const address = { url: 'http://127.0.0.1:1', shown: 'http://127.0.0.1:1' } as Owner['address'];
  return { address, process, unreadable: null, hasEnded: false, isLost: false, takeNotice: () => null };
}

/** Sessions by name; `below` works for another one. */
function book() {
  const context = { clock: new SteppedClock(), files: createFiles(), settings: defaultSettings } as never;
  const sessions = new SessionBook(context);
  const add = (id: string, owner: Owner, below: string | null = null): Session => {
    const times = { createdAt: 0, updatedAt: 0, isArchived: false };
    sessions.note({ id, title: id, directory: '/', parentId: below, usage: null, ...times } as never, owner);
    return sessions.get(id) as Session;
  };
  const worksIn = (session: Session) =>
    session.look(sessions.helpersOf(session), session.isBusy && sessions.isAlone(session)).worksIn;
  return { add, worksIn };
}

const begin = (...sessions: Session[]) => {
  for (const session of sessions) session.tell({ type: 'busy' }, true);
};

describe('the process of a server shows what a session does', () => {
  it('that alone is at work in it', () => {
    const { add, worksIn } = book();
    const [one, other] = [add('one', server()), add('other', server())];
    begin(one);
    expect(worksIn(one)?.process).toEqual(PROCESS);
    expect(worksIn(other)).toBeNull();
  });

  it('that is at work with its sub-agents', () => {
    const { add, worksIn } = book();
    const here = server();
    const [boss, helper] = [add('boss', here), add('helper', here, 'boss')];
    begin(boss, helper);
    expect([worksIn(boss)?.process, worksIn(helper)?.process]).toEqual([PROCESS, PROCESS]);
  });

  it('of none where several are at work, and again of the one that is left', () => {
    const { add, worksIn } = book();
    const [here, elsewhere] = [server(), server()];
    const [one, other, third] = [add('one', here), add('other', here), add('third', elsewhere)];
    begin(one, other, third);
    expect([worksIn(one), worksIn(other)]).toEqual([null, null]);
    expect(worksIn(third)?.process).toEqual(PROCESS);
    other.tell({ type: 'idle' }, true);
    expect(worksIn(one)?.process).toEqual(PROCESS);
  });

  it('of none where it is not known', () => {
    const { add, worksIn } = book();
    const one = add('one', server(null));
    begin(one);
    expect(worksIn(one)).toBeNull();
  });
});
