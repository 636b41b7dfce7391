import { BAR_FORMATS, type BarFormat, barText } from '../bar-text';
import { type Context, command, EXIT_WELL, UsageError } from '../command';
import { DIRECTORY_OPTIONS } from '../directories';
import { lookingOf } from '../looking';
import { type Looking, pictureNow, pictures } from '../pictures';

/** These start the command anew whenever they want to know. */
const ASKED_ANEW: readonly BarFormat[] = ['xbar', 'tmux', 'plain'];
/** Told again after so long, so that a bar that is gone is noticed. */
const AGAIN_MS = 30_000;

export const bar = command({
  name: 'bar',
  summary: 'one line for a status bar: waybar, xbar, tmux, or any other',
  about: `Prints how the workers are, in the words of a status bar. For waybar it goes on, a line for each change; the
others start it again whenever they want to know.`,
  options: {
    format: { value: 'FORMAT', values: BAR_FORMATS, help: 'Whose words; plain without it.' },
    once: { help: 'One line, and no more; the rule but for waybar.' },
    follow: { help: 'A line for each change; the rule for waybar.' },
    ...DIRECTORY_OPTIONS,
  },
  settings: [],
  examples: {
    '"custom/idlewatch": {"exec": "idlewatch bar --format waybar", "return-type": "json"}': 'in waybar’s config',
    "set -g status-right '#(idlewatch bar --format tmux)'": 'in ~/.tmux.conf',
    "printf '#!/bin/sh\\nexec idlewatch bar --format xbar\\n' > idlewatch.10s.sh": 'a plugin of xbar or SwiftBar',
    'idlewatch bar --follow': 'for polybar (tail = true) and others that read line by line',
  },
  exit: '0 told · 1 an error, told on standard error · 130 Ctrl-C',
  async run(given, context) {
    const format = (given.text('format') ?? 'plain') as BarFormat;
    if (given.has('once') && given.has('follow')) throw new UsageError('--once and --follow exclude each other');
    if (format === 'xbar' && given.has('follow'))
      throw new UsageError('xbar reads the command to its end; leave out --follow');
    const looking = lookingOf(given, context);
    const once = given.has('once') || (ASKED_ANEW.includes(format) && !given.has('follow'));
    if (!once) return context.untilEnded((signal) => follow(looking, format, context, signal));
    context.out(barText(await pictureNow(looking), format));
    return EXIT_WELL;
  },
});

async function follow(looking: Looking, format: BarFormat, context: Context, signal: AbortSignal): Promise<number> {
  let shown = '';
  const again = setInterval(() => context.out(shown), AGAIN_MS);
  try {
    for await (const { snapshot } of pictures(looking, signal)) {
      const text = barText(snapshot, format);
      if (text === shown) continue;
      shown = text;
      context.out(text);
      await context.taken(signal);
    }
    return EXIT_WELL;
  } finally {
    clearInterval(again);
  }
}
