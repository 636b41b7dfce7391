import { clipboard, shell } from 'electron';
import type { Policy } from '../engine/act/policy';
import type { Reaper } from '../engine/act/reap';
import type { Monitor } from '../engine/monitor-types';
import type { Answer } from '../shared/ipc';
import type { WorkerId } from '../shared/model';
import type { AppDemo } from './demo';
import { addDirectory } from './directories';
import type { Feed } from './feed';
import type { Handlers } from './ipc';
import type { Kills } from './kills';
import type { Roots } from './roots';
import type { SettingsStore } from './settings-store';
import type { AppWindow } from './window';

interface Parts {
  monitor: Monitor;
  kills: Kills;
  reaper: Reaper;
  policy: Policy;
  feed: Feed;
  settings: SettingsStore;
  roots: Roots;
  demo: AppDemo;
  window: AppWindow;
}

const NO_WORKER: Answer = { ok: false, reason: 'This worker is no longer there.' };

/** What each command of the window does. */
export function createHandlers(parts: Parts): Handlers {
  const { monitor, kills, reaper, policy, feed, settings, roots, demo, window } = parts;
  return {
    'snapshot.get': () => feed.snapshot(),
    'view.focus': (focus) => feed.focus(focus),
    'watch.pause': (paused) => monitor.pause(paused),
    'worker.snooze': (id, snooze) => (monitor.snooze(id, snooze) ? { ok: true } : NO_WORKER),
    'worker.openFolder': (id) => openFolder(monitor, id),
    'worker.openLog': (id) => openLog(monitor, id),
    'clipboard.write': (text) => clipboard.writeText(text),
    'history.strips': (ids) => monitor.strips(ids),
    'kill.plan': (id) => kills.plan(id),
    'kill.execute': (planId, { acceptShared }) => kills.execute(planId, acceptShared),
    'worker.keepAlive': (id, on) => keepAlive(settings, id, on),
    'reap.plan': () => reaper.plan(),
    'reap.execute': (planId) => reaper.execute(planId, { askedBy: 'window' }),
    'policy.closeBreaker': () => {
      policy.closeBreaker('window');
      return { ok: true };
    },
    'directory.add': async () => {
      const parent = window.browserWindow();
      return parent ? addDirectory(parent, settings, roots) : { ok: false, reason: 'There is no window.' };
    },
    'demo.start': () => demo.start(),
    'settings.get': () => settings.view(),
    'settings.set': (patch) => settings.set(patch),
  };
}

/** Kept in settings.json, so that it holds after a restart and for the CLI too. */
function keepAlive(settings: SettingsStore, id: WorkerId, on: boolean): Answer {
  const others = settings.view().settings.keepAlive.filter((kept) => kept !== id);
  const answer = settings.set({ keepAlive: on ? [...others, id] : others });
  return answer.ok ? { ok: true } : { ok: false, reason: answer.errors.map(({ message }) => message).join('; ') };
}

async function openLog(monitor: Monitor, id: WorkerId): Promise<Answer> {
  const path = monitor.logPath(id);
  if (path === null) return { ok: false, reason: 'There is no log of this worker.' };
  const problem = await shell.openPath(path);
  return problem ? { ok: false, reason: problem } : { ok: true };
}

async function openFolder(monitor: Monitor, id: WorkerId): Promise<Answer> {
  const report = monitor.report(id);
  if (!report) return NO_WORKER;
  const problem = await shell.openPath(report.path);
  return problem ? { ok: false, reason: problem } : { ok: true };
}
