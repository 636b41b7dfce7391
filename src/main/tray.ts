import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, screen, Tray } from 'electron';
import type { Clock } from '../engine/ports';
import type { Snapshot, WorkerId } from '../shared/model';
import { type TrayExtras, type TrayIcon, type TrayMenu, trayModel } from './tray-model';

/** How often the tooltip's ages are brought up to date while someone needs the person. */
const AGES_MS = 5_000;

export interface TrayActions {
  open(): void;
  show(id: WorkerId): void;
  askKill(id: WorkerId): void;
  /** Show what finished workers have left behind. */
  askReap(): void;
  /** Let automatic ending go on. */
  closeBreaker(): void;
  pause(paused: boolean): void;
  quit(): void;
}

export interface TrayParts {
  clock: Clock;
  /** As they are now. */
  extras(): TrayExtras;
}

export interface AppTray {
  update(snapshot: Snapshot): void;
  destroy(): void;
}

/** The tray's icon, tooltip and menu, each set anew only when it changed. */
export function createTray(folder: string, actions: TrayActions, parts: TrayParts, first: Snapshot): AppTray {
  const { clock, extras } = parts;
  const start = trayModel(first, extras());
  const tray = new Tray(loadIcon(folder, start.icon));
  const set = {
    icon: onChange<TrayIcon>((icon) => tray.setImage(loadIcon(folder, icon)), start.icon),
    tooltip: onChange<string>((text) => tray.setToolTip(text)),
    menu: onChange<TrayMenu>((menu) => tray.setContextMenu(Menu.buildFromTemplate(template(menu, actions)))),
  };
  let cancel = () => {};
  tray.on('click', actions.open);

  function show(snapshot: Snapshot): void {
    const model = trayModel(snapshot, extras());
    set.icon(model.icon);
    set.tooltip(model.tooltip);
    set.menu(model.menu);
    cancel();
    if (!model.menu.workers.length || model.menu.paused) return;
    const shownMs = clock.monotonicMs();
    cancel = clock.after(AGES_MS, () => {
      show({ ...snapshot, takenAt: snapshot.takenAt + clock.monotonicMs() - shownMs });
    });
  }
  show(first);
  return {
    update: show,
    destroy() {
      cancel();
      tray.destroy();
    },
  };
}

function onChange<T>(apply: (value: T) => void, initial?: T): (value: T) => void {
  let last = JSON.stringify(initial);
  return (value) => {
    const next = JSON.stringify(value);
    if (next === last) return;
    last = next;
    apply(value);
  };
}

/**
 * Linux panels get the one largest picture of an image, so they are given the one that fits the screen; macOS gets a
 * template it colours itself; Windows picks among the sizes.
 */
function loadIcon(folder: string, icon: TrayIcon): NativeImage {
  const file = (name: string) => join(folder, 'tray', `${name}.png`);
  if (process.platform === 'darwin') return nativeImage.createFromPath(file(`${icon}Template`));
  if (process.platform === 'win32') return nativeImage.createFromPath(file(`${icon}-16`));
  const size = screen.getPrimaryDisplay().scaleFactor > 1 ? '24@2x' : '24';
  const only = nativeImage.createEmpty();
  only.addRepresentation({ scaleFactor: 1, buffer: nativeImage.createFromPath(file(`${icon}-${size}`)).toPNG() });
  return only;
}

function template(menu: TrayMenu, actions: TrayActions): MenuItemConstructorOptions[] {
  const workers = menu.workers.map(
    (worker): MenuItemConstructorOptions => ({
      label: plainLabel(worker.label),
      submenu: [
        { label: 'Show', click: () => actions.show(worker.id) },
        { label: 'Kill…', enabled: worker.canEnd, click: () => actions.askKill(worker.id) },
      ],
    }),
  );
  if (menu.more) workers.push({ label: `${menu.more} more…`, click: actions.open });
  const suggestions = menu.suggestions.map(
    ({ id, label }): MenuItemConstructorOptions => ({ label: plainLabel(label), click: () => actions.askKill(id) }),
  );
  return [
    { label: plainLabel(menu.line), enabled: false },
    ...(menu.keepsAwake ? [{ label: 'Keeps the machine awake', enabled: false }] : []),
    // Why stands in the window.
    ...(menu.keepingFails ? [{ label: 'What happens cannot be kept', click: actions.open }] : []),
    ...section(menu.endingStopped ? stoppedLines(actions) : []),
    ...section([...suggestions, ...workers]),
    { type: 'separator' },
    { label: 'Open', click: actions.open },
    { label: 'Clean up…', click: actions.askReap },
    { label: menu.paused ? 'Resume watching' : 'Pause watching', click: () => actions.pause(!menu.paused) },
    { type: 'separator' },
    { label: 'Quit', click: actions.quit },
  ];
}

function stoppedLines(actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    { label: 'Automatic ending stopped', enabled: false },
    { label: 'Allow it again', click: actions.closeBreaker },
  ];
}

/** Items that stand apart from those before them. */
function section(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.length ? [{ type: 'separator' }, ...items] : [];
}

/** A single & would mark the letter after it as a shortcut. */
const plainLabel = (label: string): string => label.replaceAll('&', '&&');
