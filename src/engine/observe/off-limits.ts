import type { ProcessFact, ProcessTable } from '../ports';

export type Self = ReturnType<ProcessTable['self']>;

/**
 * Programs a person's session or many terminals hang on, by the names the system cuts to 15 letters. A worker may be
 * started by one and may have started one, but is none.
 */
const SESSION_HOSTS = new Set([
  ...['systemd', '(sd-pam)', 'init', 'login', 'sshd', 'sshd-session', 'dbus-daemon', 'dbus-broker', 'dbus-broker-lau'],
  ...['tmux: server', 'screen', 'zellij', 'gnome-terminal-', 'konsole', 'Xorg', 'Xwayland', 'sway', 'Hyprland'],
  ...['gnome-session-b', 'gnome-session-i', 'gnome-session-s', 'gnome-shell', 'plasmashell', 'plasma_session'],
  ...['kwin_x11', 'kwin_wayland', 'ksmserver', 'xfce4-session', 'cinnamon-sessio', 'mate-session', 'lxqt-session'],
]);

/** Why a process cannot be what a worker consists of, whoever claims it; null where nothing forbids it. */
export function whyNoWorker(table: ProcessTable, self: Self, fact: ProcessFact): string | null {
  const offLimits = whyOffLimits(table, self, fact);
  if (offLimits) return offLimits;
  return whySessionHost(fact);
}

/** Why a process is a program on which a whole session hangs; null where it is none. */
export function whySessionHost(fact: ProcessFact): string | null {
  return SESSION_HOSTS.has(fact.name) ? `it is ${fact.name}, on which a whole session may hang` : null;
}

/** No Chromium nests its helpers deeper than this: main, zygote, zygote in its namespace, renderer. */
const HELPER_DEPTH = 8;

/**
 * Why idlewatch never ends a process, whoever claims it; null where nothing forbids it. Forbidden are the system's first
 * processes, idlewatch itself with its ancestors and helpers, and other users' processes.
 */
export function whyOffLimits(table: ProcessTable, self: Self, fact: ProcessFact): string | null {
  if (!Number.isSafeInteger(fact.pid) || fact.pid <= 1) return `process ${fact.pid} is the system’s own`;
  if (fact.pid === self.pid) return 'it is idlewatch itself';
  if (self.ancestors.includes(fact.pid)) return 'idlewatch runs below it';
  if (fact.uid < 0 || self.uid < 0) return 'its user is not known';
  if (fact.uid !== self.uid) return `it belongs to another user (uid ${fact.uid})`;
  if (isOurHelper(table, self, fact)) return 'it is one of idlewatch’s own helper processes';
  return null;
}

/**
 * Electron's helpers (zygote, GPU, renderer, utility) are started by our main process or by one another, with `--type=`.
 * Workers we started are our children too, without it; a browser below a worker has the worker between itself and us.
 */
function isOurHelper(table: ProcessTable, self: Self, fact: ProcessFact): boolean {
  // Reparented as soon as it starts, so its parent tells nothing; it ends by itself with the program it watches.
  if (fact.name === 'chrome_crashpad') return true;
  let at = fact;
  for (let depth = 0; depth < HELPER_DEPTH && hasHelperType(table, at.pid); depth += 1) {
    if (at.ppid === self.pid) return true;
    const parent = table.inspect(at.ppid);
    if (parent.liveness !== 'alive') return false;
    at = parent.fact;
  }
  return false;
}

function hasHelperType(table: ProcessTable, pid: number): boolean {
  // Chromium writes its helpers' arguments anew as one, parted by spaces.
  const line = table.commandArguments(pid)?.join(' ') ?? '';
  return /\s--type=(zygote|renderer|gpu-process|utility|broker|sandbox-ipc)(\s|$)/.test(line);
}
