import type { ProcessFact, ProcessTable } from '../ports';

export type Self = ReturnType<ProcessTable['self']>;

/**
 * Programs a person's session or many terminals hang on, by the names the system cuts to 15 letters. A worker may be
 * started by one and may have started one, but is none.
 */
const SESSION_HOSTS = new Set([
  ...['systemd', '(sd-pam)', 'init', 'login', 'sshd', 'sshd-session', 'dbus-daemon', 'dbus-broker', 'dbus-broker-lau'],
  ...['tmux: server', 'screen', 'zellij', 'dtach', 'abduco', 'shpool', 'mosh-server', 'wezterm-mux-ser'],
  ...[
    'gnome-terminal-',
    'konsole',
    'xfce4-terminal',
    'mate-terminal',
    'lxterminal',
    'qterminal',
    'tilix',
    'terminator',
  ],
  ...['ptyxis', 'ptyxis-agent', 'kitty', 'alacritty', 'wezterm-gui', 'ghostty', 'foot', 'urxvtd', 'yakuake', 'guake'],
  ...['Xorg', 'Xwayland', 'sway', 'Hyprland'],
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

const SHELLS = new Set([
  'sh',
  'bash',
  'zsh',
  'fish',
  'dash',
  'ash',
  'ksh',
  'mksh',
  'tcsh',
  'csh',
  'nu',
  'elvish',
  'xonsh',
]);

const TERMINAL = /^\/dev\/(pts\/\d+|tty\w*)$/;
/** Options of shells that have their value in the next argument. */
const VALUED = new Set(['--rcfile', '--init-file', '--init-command', '-C', '-o', '-O', '+O']);

/**
 * Why a process that a file names is rather a person's terminal: a shell that was given nothing to run and leads a session.
 * A hook that names its parent, or itself where it was typed in, names such a one.
 */
export function whyPersonsShell(table: ProcessTable, { pid, sessionId, name }: ProcessFact): string | null {
  const args = pid === sessionId && SHELLS.has(name) ? table.commandArguments(pid) : null;
  if (!args || wasToldWhatToRun(args.slice(1))) return null;
  // Without a terminal it runs what comes in.
  if (table.openFiles(pid)?.every(({ path }) => !TERMINAL.test(path))) return null;
  return `it is the shell of a terminal (${name}), on which all that was started there hangs`;
}

function wasToldWhatToRun(args: readonly string[]): boolean {
  const options = args.filter((_, index) => !VALUED.has(args[index - 1] ?? ''));
  return options.some((option) => !/^[-+]./.test(option) || /^-[a-zA-Z]*c/.test(option) || option === '--command');
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
