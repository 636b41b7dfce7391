import { join } from 'node:path';
import { app } from 'electron';
import { createEngine } from '../engine/engine';
import type { Logger } from '../engine/ports';
import { createMachine } from '../host/machine';
import { createSettingsFile } from '../host/settings-file';
import { ensureRunsFolder, stateFolder } from '../host/state-folder';
import { usualRoots } from '../host/usual-roots';
import type { Snapshot, WorkerId } from '../shared/model';
import { setAppMenu } from './app-menu';
import { createDemo } from './demo';
import { createFeed } from './feed';
import { createHandlers } from './handlers';
import { serveCommands } from './ipc';
import { createKeepAwake } from './keep-awake';
import { createKills } from './kills';
import { type Running, runApp } from './lifecycle';
import { createNews } from './news';
import { createNotifier } from './notifications';
import type { Options } from './options';
import { refuseEverythingElse, servePage } from './page';
import { followPower } from './power';
import { createRoots } from './roots';
import { createSettingsStore } from './settings-store';
import { createTray } from './tray';
import { createAppWindow } from './window';

/** Everything is made and put together here, and nowhere else. */
function start(options: Options): Running {
  const inApp = (...path: string[]) => join(app.getAppPath(), ...path);
  const inUserData = (...path: string[]) => join(app.getPath('userData'), ...path);
  const icon = inApp('resources', 'icon.png');
  const log: Logger = { warn: (message) => console.error(`idlewatch: ${message}`) };
  const state = stateFolder(process.env);
  ensureRunsFolder(state);
  const machine = createMachine(state, log);
  const { clock } = machine;

  const settingsFile = createSettingsFile(inUserData('settings.json'), machine.fileEvents, clock);
  const settings = createSettingsStore({ file: settingsFile, environment: process.env, options: options.settings });
  const inForce = () => settings.view().settings;
  const roots = createRoots({
    given: options,
    settings: inForce,
    usual: () => usualRoots(inForce(), process.env, state),
    clock,
    onChange: (directories) => engine.configure(directories),
  });

  const engine = createEngine(machine, {
    settings: inForce,
    roots: roots.list(),
    tell: (message) => news.policy(message),
    onEnding: (id) => kills.noteEnding(id),
    onReceipt: ({ workerId }) => kills.noteEnded(workerId),
  });
  const { monitor, policy, reaper } = engine;
  const kills = createKills(engine.killer, (id) => monitor.report(id)?.reason ?? 'a person asked for it', clock);

  const window = createAppWindow({
    preload: inApp('out', 'preload', 'index.cjs'),
    icon,
    placeFile: inUserData('window.json'),
    onVisible: (visible) => feed.visible(visible),
    onLoading: () => feed.pageGone(),
  });
  const feed = createFeed(monitor, window.send);
  const show = (id: WorkerId) => {
    window.show();
    feed.sendWhenReady('select', id);
  };
  const askKill = (id: WorkerId) => {
    kills.askedFromTray(id);
    window.show();
    feed.sendWhenReady('askKill', id);
  };

  const askReap = () => {
    window.show();
    feed.sendWhenReady('askReap', null);
  };

  const demo = createDemo(
    {
      execPath: process.execPath,
      scriptPath: inApp('out', 'demo', 'index.js'),
      supervisorPath: inApp('out', 'cli', 'index.js'),
    },
    roots.add,
  );
  const notify = createNotifier(icon, ({ workerId }) => (workerId ? show(workerId) : window.show()));
  const news = createNews({
    ...{ clock, settings: inForce, tell: notify },
    isWanted: (id) => kills.isWanted(id) || machine.ends.isUnderWay(id),
    row: (id) => monitor.report(id),
  });
  const keepAwake = createKeepAwake(inForce);
  const tray = createTray(
    inApp('resources'),
    {
      ...{ open: window.show, show, askKill, askReap },
      closeBreaker: () => policy.closeBreaker('tray'),
      pause: (paused) => monitor.pause(paused),
      quit: () => app.quit(),
    },
    { clock, keepsAwake: keepAwake.isOn },
    monitor.snapshot(),
  );

  const onHead = (snapshot: Snapshot) => {
    keepAwake.update(snapshot);
    tray.update(snapshot);
  };
  settings.onChange((view) => {
    roots.refresh();
    engine.configure(roots.list());
    onHead(monitor.snapshot());
    window.send('settings', view);
  });
  for (const error of settings.view().errors) log.warn(error.message);
  monitor.onEvent(news.event);
  monitor.onHead(news.head);
  monitor.onHead(onHead);
  followPower(monitor);
  setAppMenu();
  refuseEverythingElse();
  servePage(inApp('out', 'renderer'));
  serveCommands(createHandlers({ monitor, kills, reaper, policy, feed, settings, roots, demo, window }), window.isOurs);
  engine.start();
  if (!options.hidden) window.show();

  return {
    startedAgain(workerDirs) {
      if (workerDirs.length) roots.add(...workerDirs);
      window.show();
    },
    async stop() {
      window.letGo();
      settings.close();
      roots.close();
      news.stop();
      feed.stop();
      await Promise.all([engine.stop(), demo.stop(), kills.settled()]);
      keepAwake.stop();
      machine.close();
      tray.destroy();
    },
  };
}

runApp(start);
