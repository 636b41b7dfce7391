// @ts-check

/** Linux programs need one of these to show a window. */
const DISPLAY_VARIABLES = ['DISPLAY', 'WAYLAND_DISPLAY'];

/**
 * @param {NodeJS.Platform} platform
 * @param {Record<string, string | undefined>} env
 * @returns {boolean} whether a window can be shown
 */
export function hasDisplay(platform, env) {
  return platform !== 'linux' || DISPLAY_VARIABLES.some((name) => env[name]);
}

/**
 * @param {{ app: string, args: string[], isRoot: boolean }} options `app`: the app's folder; `args`: the person's own
 * @returns {string[]} the arguments to start Electron with
 */
export function electronArgs({ app, args, isRoot }) {
  // Chromium refuses to run its sandbox as root.
  return isRoot ? ['--no-sandbox', app, ...args] : [app, ...args];
}
