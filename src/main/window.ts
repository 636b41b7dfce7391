import { BrowserWindow, nativeTheme, screen, type WebFrameMain } from 'electron';
import { z } from 'zod';
import { readJson, writeJson } from '../host/json-file';
import { pushChannel } from '../shared/channels';
import type { Pushes, PushName } from '../shared/ipc';
import { PAGE_URL } from './page';

const MIN = { width: 720, height: 480 };
const FIRST = { width: 1280, height: 840 };
/** A page that ended by itself sooner than this is not made again unasked. */
const CRASH_LOOP_MS = 10_000;

/** The page's own background, so that nothing flashes before it is drawn. */
const background = (): string => (nativeTheme.shouldUseDarkColors ? '#12161d' : '#f6f7f9');

const placeSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  maximized: z.boolean(),
});
type Place = z.infer<typeof placeSchema>;

interface AppWindowOptions {
  preload: string;
  icon: string;
  /** Where the window's place on the screen is kept. */
  placeFile: string;
  onVisible(visible: boolean): void;
  /** The page begins to load: it listens to nothing yet. */
  onLoading(): void;
}

/** The one window. Made when it is first shown; closing it hides it until `letGo`. */
export interface AppWindow {
  show(): void;
  isVisible(): boolean;
  isOurs(frame: WebFrameMain | null): boolean;
  /** Send to the page; nothing happens while there is none. */
  send<P extends PushName>(name: P, payload: Pushes[P]): void;
  browserWindow(): BrowserWindow | null;
  /** From now on closing closes: the app is quitting. */
  letGo(): void;
}

export function createAppWindow({ preload, icon, placeFile, onVisible, onLoading }: AppWindowOptions): AppWindow {
  let window: BrowserWindow | null = null;
  let hides = true;
  nativeTheme.on('updated', () => window?.setBackgroundColor(background()));

  function make(): BrowserWindow {
    const made = open(preload, icon, readPlace(placeFile));
    const tellVisible = () => onVisible(isShown(made));
    for (const change of ['show', 'hide', 'minimize', 'restore'] as const) made.on(change as 'show', tellVisible);
    made.on('close', (event) => {
      keepPlace(placeFile, made);
      if (!hides) return;
      event.preventDefault();
      made.hide();
    });
    made.once('closed', () => {
      window = null;
      onVisible(false);
    });
    made.once('ready-to-show', () => made.show());
    made.webContents.on('did-start-loading', onLoading);
    const madeMs = performance.now();
    made.webContents.on('render-process-gone', () => {
      const again = isShown(made) && performance.now() - madeMs > CRASH_LOOP_MS;
      made.destroy();
      if (again) window = make();
    });
    void made.loadURL(PAGE_URL);
    return made;
  }

  return {
    show() {
      if (!window) {
        window = make();
        return;
      }
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    isVisible: () => window !== null && isShown(window),
    isOurs: (frame) => frame !== null && frame === window?.webContents.mainFrame && isPage(frame.url),
    send: (name, payload) => window?.webContents.send(pushChannel(name), payload),
    browserWindow: () => window,
    letGo() {
      hides = false;
    },
  };
}

function open(preload: string, icon: string, place: Place | null): BrowserWindow {
  const window = new BrowserWindow({
    ...(place ?? FIRST),
    minWidth: MIN.width,
    minHeight: MIN.height,
    show: false,
    title: 'idlewatch',
    icon,
    autoHideMenuBar: true,
    backgroundColor: background(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      v8CacheOptions: 'code',
    },
  });
  if (place?.maximized) window.maximize();
  return window;
}

const isShown = (window: BrowserWindow): boolean => window.isVisible() && !window.isMinimized();

function isPage(url: string): boolean {
  return url.split('#')[0] === PAGE_URL;
}

function keepPlace(file: string, window: BrowserWindow): void {
  try {
    writeJson(file, { ...window.getNormalBounds(), maximized: window.isMaximized() } satisfies Place);
  } catch (error) {
    console.error(`idlewatch: the window's place is not remembered: ${(error as Error).message}`);
  }
}

/** Null when there is none, or none on a screen that is still there. */
function readPlace(file: string): Place | null {
  const read = readJson(file);
  const parsed = placeSchema.safeParse(read.ok ? read.value : null);
  if (!parsed.success) return null;
  const place = parsed.data;
  const { workArea } = screen.getDisplayMatching(place);
  const overlaps =
    place.x < workArea.x + workArea.width &&
    place.x + place.width > workArea.x &&
    place.y < workArea.y + workArea.height &&
    place.y + 40 > workArea.y;
  return overlaps ? place : null;
}
