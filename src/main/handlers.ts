import { clipboard, shell } from 'electron';
import type { Desk } from '../server/desk';
import type { Answer, CommandArgs, CommandResult, DeskCommand } from '../shared/ipc';
import type { WorkerId } from '../shared/model';
import { askForDirectory } from './directories';
import type { Feed } from './feed';
import type { Handlers } from './ipc';
import type { KillAskers } from './kill-askers';
import type { AppWindow } from './window';

interface Parts {
  desk: Desk;
  askers: KillAskers;
  feed: Feed;
  window: AppWindow;
}

/** What each command of the window does: most is the engine's to answer, the rest is the desktop's. */
export function createHandlers({ desk, askers, feed, window }: Parts): Handlers {
  /** As the engine answers it to the window. */
  const answered =
    <C extends DeskCommand>(name: C) =>
    (...args: CommandArgs<C>): Promise<CommandResult<C>> =>
      desk.invoke(name, args, 'window');

  return {
    'snapshot.get': () => feed.snapshot(),
    'view.focus': (focus) => feed.focus(focus),
    'watch.pause': answered('watch.pause'),
    'worker.snooze': answered('worker.snooze'),
    'worker.logPath': answered('worker.logPath'),
    'worker.openFolder': (id) => openFolder(desk, id),
    'worker.openLog': (id) => openLog(desk, id),
    'clipboard.write': (text) => clipboard.writeText(text),
    'history.strips': answered('history.strips'),
    'history.points': answered('history.points'),
    'policy.backtest': answered('policy.backtest'),
    'kill.plan': async (id) => {
      const plan = await desk.invoke('kill.plan', [id], 'window');
      askers.planned(plan);
      return plan;
    },
    'kill.execute': (planId, options) => desk.invoke('kill.execute', [planId, options], askers.of(planId)),
    'worker.keepAlive': answered('worker.keepAlive'),
    'reap.plan': answered('reap.plan'),
    'reap.execute': answered('reap.execute'),
    'policy.closeBreaker': answered('policy.closeBreaker'),
    'directory.add': (path) =>
      path === null ? askForDirectory(window.browserWindow(), desk) : desk.invoke('directory.add', [path], 'window'),
    'directory.watch': answered('directory.watch'),
    'demo.start': answered('demo.start'),
    'settings.get': answered('settings.get'),
    'settings.set': answered('settings.set'),
  };
}

async function openLog(desk: Desk, id: WorkerId): Promise<Answer> {
  const path = await desk.invoke('worker.logPath', [id], 'window');
  return path === null ? { ok: false, reason: 'There is no log of this worker.' } : open(path);
}

async function openFolder(desk: Desk, id: WorkerId): Promise<Answer> {
  const row = desk.row(id);
  return row ? open(row.path) : { ok: false, reason: 'This worker is no longer there.' };
}

async function open(path: string): Promise<Answer> {
  const problem = await shell.openPath(path);
  return problem ? { ok: false, reason: problem } : { ok: true };
}
