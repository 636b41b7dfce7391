import { join } from 'node:path';
import { app } from 'electron';
import { createKiller } from '../engine/act/kill';
import { createMonitor } from '../engine/monitor';
import type { Logger } from '../engine/ports';
import { createAuditLog } from '../host/audit-log';
import { createClock } from '../host/clock';
import { createFileEvents } from '../host/file-events';
import { createFiles } from '../host/files';
import { createMemoryProbe } from '../host/memory-probe';
import { createProcessTable } from '../host/process-table';
import { createSettingsFile } from '../host/settings-file';
import { createSignals } from '../host/signals';
import { findWorkersDirectories } from '../host/state-directories';
import type { WorkerId } from '../shared/model';
import { setAppMenu } from './app-menu';
import { createDemo } from './demo';
import { createFeed } from './feed';
import { createHandlers } from './handlers';
import { serveCommands } from './ipc';
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
  const clock = createClock();
  const fileEvents = createFileEvents(log);
  const processTable = createProcessTable();

  const settingsFile = createSettingsFile(inUserData('settings.json'), fileEvents, clock);
  const settings = createSettingsStore({ file: settingsFile, environment: process.env, options: options.settings });
  const inForce = () => settings.view().settings;
  const roots = createRoots({
    given: options.workerDirs,
    settings: inForce,
    find: () => findWorkersDirectories(process.env),
    clock,
    onChange: (directories) => monitor.configure(inForce(), directories),
  });

  const monitor = createMonitor(
    { clock, files: createFiles(), fileEvents, processTable, memoryProbe: createMemoryProbe(), log },
    inForce(),
    roots.list(),
  );
  const killer = createKiller({
    table: processTable,
    signals: createSignals(),
    audit: createAuditLog(inUserData()),
    clock,
    settings: inForce,
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onReceipt: (receipt) => monitor.noteReceipt(receipt),
  });
  const kills = createKills(killer, clock);

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

  const demo = createDemo({ execPath: process.execPath, scriptPath: inApp('out', 'demo', 'index.js') }, roots.add);
  const notify = createNotifier(icon, ({ workerId }) => (workerId ? show(workerId) : window.show()));
  const news = createNews({ clock, settings: inForce, isWanted: kills.isWanted, tell: notify });
  const tray = createTray(
    inApp('resources'),
    { open: window.show, show, askKill, pause: (paused) => monitor.pause(paused), quit: () => app.quit() },
    clock,
    monitor.snapshot(),
  );

  settings.onChange((view) => {
    roots.refresh();
    monitor.configure(view.settings, roots.list());
    window.send('settings', view);
  });
  for (const error of settings.view().errors) log.warn(error.message);
  monitor.onEvent(news.event);
  monitor.onHead(news.head);
  monitor.onHead(tray.update);
  followPower(monitor);
  setAppMenu();
  refuseEverythingElse();
  servePage(inApp('out', 'renderer'));
  serveCommands(createHandlers({ monitor, kills, feed, settings, roots, demo, window }), window.isOurs);
  monitor.start();
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
      monitor.stop();
      await Promise.all([demo.stop(), kills.settled()]);
      tray.destroy();
    },
  };
}

runApp(start);
