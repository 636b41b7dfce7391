import { join } from 'node:path';
import { app } from 'electron';
import { version } from '../../package.json';
import type { Logger } from '../engine/ports';
import { createMachine } from '../host/machine';
import { stateFolder } from '../host/state-folder';
import { openIdlewatch } from '../server/idlewatch';
import type { Snapshot, WorkerId } from '../shared/model';
import { setAppMenu } from './app-menu';
import { createFeed } from './feed';
import { createHandlers } from './handlers';
import { serveCommands } from './ipc';
import { createKeepAwake } from './keep-awake';
import { createKillAskers } from './kill-askers';
import { type Running, runApp } from './lifecycle';
import { createNews } from './news';
import { createNotifier } from './notifications';
import type { Options } from './options';
import { refuseEverythingElse, servePage } from './page';
import { followPower } from './power';
import { createTray } from './tray';
import { createWantedEnds } from './wanted-ends';
import { createAppWindow } from './window';

/** Everything is made and put together here, and nowhere else. */
async function start(options: Options): Promise<Running> {
  const inApp = (...path: string[]) => join(app.getAppPath(), ...path);
  const inUserData = (...path: string[]) => join(app.getPath('userData'), ...path);
  const icon = inApp('resources', 'icon.png');
  const log: Logger = { warn: (message) => console.error(`idlewatch: ${message}`) };
  const state = stateFolder(process.env);
  const machine = createMachine(state, log);
  const { clock } = machine;

  const desk = await openIdlewatch({
    ...{ machine, version, environment: process.env, stateFolder: state },
    shell: 'app',
    settingsFile: inUserData('settings.json'),
    settings: options.settings,
    given: options,
    demo: {
      execPath: process.execPath,
      scriptPath: inApp('out', 'demo', 'index.js'),
      supervisorPath: inApp('out', 'cli', 'index.js'),
    },
    pageFolder: inApp('out', 'renderer'),
    onSeat: (at) => at && log.warn(`the engine of process ${at.pid} is used (${at.api})`),
  });
  const inForce = () => desk.settings().settings;
  const askers = createKillAskers();
  const wanted = createWantedEnds(clock);

  const window = createAppWindow({
    preload: inApp('out', 'preload', 'index.cjs'),
    icon,
    placeFile: inUserData('window.json'),
    onVisible: (visible) => feed.visible(visible),
    onLoading: () => feed.pageGone(),
  });
  const feed = createFeed(desk, window.send);
  const show = (id: WorkerId) => {
    window.show();
    feed.sendWhenReady('select', id);
  };
  const askKill = (id: WorkerId) => {
    askers.fromTray(id);
    window.show();
    feed.sendWhenReady('askKill', id);
  };

  const askReap = () => {
    window.show();
    feed.sendWhenReady('askReap', null);
  };

  const notify = createNotifier(icon, ({ workerId }) => (workerId ? show(workerId) : window.show()));
  const news = createNews({
    ...{ clock, settings: inForce, tell: notify },
    isWanted: (id) => wanted.has(id) || machine.ends.isUnderWay(id),
    row: desk.row,
  });
  const keepAwake = createKeepAwake(inForce);
  const tray = createTray(
    inApp('resources'),
    {
      ...{ open: window.show, show, askKill, askReap },
      closeBreaker: () => void desk.invoke('policy.closeBreaker', [], 'tray'),
      pause: (paused) => void desk.invoke('watch.pause', [paused], 'tray'),
      quit: () => app.quit(),
    },
    { clock, extras: () => ({ keepsAwake: keepAwake.isOn(), mutedSources: inForce().mutedSources }) },
    desk.snapshot(),
  );

  const onHead = (snapshot: Snapshot) => {
    keepAwake.update(snapshot);
    tray.update(snapshot);
  };
  desk.listen({
    settings(view) {
      onHead(desk.snapshot());
      window.send('settings', view);
    },
    event(event) {
      wanted.event(event);
      news.event(event);
    },
    head(snapshot) {
      news.head(snapshot);
      onHead(snapshot);
    },
    tell: news.policy,
  });
  followPower(desk);
  setAppMenu();
  refuseEverythingElse();
  servePage(inApp('out', 'renderer'));
  serveCommands(createHandlers({ desk, askers, feed, window }), window.isOurs);
  if (!options.hidden) window.show();

  return {
    startedAgain(workerDirs) {
      for (const directory of workerDirs) void desk.invoke('directory.watch', [directory], 'window');
      window.show();
    },
    async stop() {
      window.letGo();
      news.stop();
      feed.stop();
      await desk.stop();
      keepAwake.stop();
      machine.close();
      tray.destroy();
    },
  };
}

runApp(start);
