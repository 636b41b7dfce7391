import { join, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, net, protocol, type Session, session, type WebContents } from 'electron';

const SCHEME = 'app';
const HOST = 'idlewatch';
export const PAGE_URL = `${SCHEME}://${HOST}/index.html`;

/** Everything comes from our own folder; nothing is fetched, framed, submitted or evaluated. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Must run before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serve the built page under PAGE_URL, and nothing outside its folder. */
export function servePage(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const file = fileFor(folder, new URL(request.url));
    if (!file || request.method !== 'GET') return new Response('Not found', { status: 404, headers: HEADERS });
    const found = await net.fetch(pathToFileURL(file).href).catch(() => null);
    if (!found?.ok) return new Response('Not found', { status: 404, headers: HEADERS });
    const type = found.headers.get('Content-Type') ?? 'application/octet-stream';
    return new Response(found.body, { headers: { ...HEADERS, 'Content-Type': type } });
  });
}

function fileFor(folder: string, url: URL): string | null {
  if (url.host !== HOST) return null;
  try {
    const file = normalize(join(folder, decodeURIComponent(url.pathname)));
    return file.startsWith(folder + sep) ? file : null;
  } catch {
    return null; // not a path: wrongly encoded
  }
}

/** No navigation, no new windows, no webviews, no permissions: for every web contents there ever is. */
export function refuseEverythingElse(): void {
  app.on('web-contents-created', (_event, contents) => lock(contents));
  app.on('session-created', denyPermissions);
  denyPermissions(session.defaultSession);
}

function lock(contents: WebContents): void {
  contents.on('will-frame-navigate', (event) => {
    if (event.url !== PAGE_URL) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

function denyPermissions(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
}
