import { formatDuration, harmless } from '../shared/format';
import { type Snapshot, WORKER_STATES, type WorkerRow, type WorkerState } from '../shared/model';
import { OVERALL_SIGNS, rowSign, SIGNS, type Sign } from './signs';
import { clip } from './text-width';

/** What status bars read. */
export const BAR_FORMATS = ['waybar', 'xbar', 'tmux', 'plain'] as const;
export type BarFormat = (typeof BAR_FORMATS)[number];

const NAME_MAX = 24;
const REASON_MAX = 100;
/** A menu or a tooltip longer than this cannot be read. */
const LISTED_MAX = 20;

/** A snapshot as one kind of status bar takes it: one line, of xbar several; each with its line break. */
export function barText(snapshot: Snapshot, format: BarFormat): string {
  return FORMATS[format](snapshot);
}

const FORMATS: Record<BarFormat, (snapshot: Snapshot) => string> = { waybar, xbar, tmux, plain };

/** One part of the short text. */
interface Part {
  sign: Sign;
  text: string;
}

/** Of what is counted, worst first; one worker alone is named. */
const TOLD: readonly WorkerState[] = ['stalled', 'dead', 'waiting', 'busy', 'starting'];

function partsOf(snapshot: Snapshot): Part[] {
  const parts = TOLD.flatMap((state) => {
    const rows = snapshot.workers.filter((row) => row.state === state && !row.snoozed);
    const [first] = rows;
    if (!first) return [];
    const isOne = rows.length === 1;
    const who = isOne ? clip(harmless(first.name), NAME_MAX) : String(rows.length);
    return [{ sign: SIGNS[state], text: `${who} ${wordsOf(state, isOne)}` }];
  });
  const { overall } = snapshot;
  return parts.length ? parts : [{ sign: OVERALL_SIGNS[overall], text: overall }];
}

/** A sentence where the state is a verb: whoever waits may be called “waiting”. */
function wordsOf(state: WorkerState, isOne: boolean): string {
  if (state !== 'waiting') return state;
  return isOne ? 'waits for you' : 'wait for you';
}

/** Those that are worth a line, worst first. */
function listed({ workers }: Snapshot): { rows: WorkerRow[]; more: number } {
  const rank = (row: WorkerRow) => WORKER_STATES.indexOf(row.state);
  const rows = workers
    .filter(({ state }) => state !== 'stopped')
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  return { rows: rows.slice(0, LISTED_MAX), more: Math.max(0, rows.length - LISTED_MAX) };
}

function nameOf(row: WorkerRow): string {
  return clip(harmless(row.name), NAME_MAX);
}

function reasonOf(row: WorkerRow): string {
  return clip(harmless(row.reason, 1_000), REASON_MAX);
}

function plain(snapshot: Snapshot): string {
  const parts = partsOf(snapshot).map(({ sign, text }) => `${sign.shape} ${text}`);
  return `${parts.join('  ')}\n`;
}

/**
 * One line of JSON, as a custom module with `"return-type": "json"` takes it. Text and tooltip are Pango markup; `class`
 * and `alt` are the overall state, for style.css and format-icons.
 */
function waybar(snapshot: Snapshot): string {
  const { rows, more } = listed(snapshot);
  const text = partsOf(snapshot).map((part) => `${part.sign.shape} ${pango(part.text)}`);
  const lines = rows.map((row) => `${rowSign(row).shape} <b>${pango(nameOf(row))}</b>  ${pango(reasonOf(row))}`);
  const tooltip = [pango(snapshot.sentence), ...lines, ...(more ? [`and ${more} more`] : [])].join('\n');
  return `${JSON.stringify({ text: text.join('  '), alt: snapshot.overall, tooltip, class: snapshot.overall })}\n`;
}

function pango(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Null: the menu's own. */
const XBAR_COLORS: Record<Sign['color'], string | null> = {
  red: '#e5484d',
  yellow: '#b58a00',
  blue: '#3e80f0',
  green: '#2f9e5b',
  plain: null,
  grey: '#888888',
};

/** The line of the menu bar, then the menu. Behind ` | ` stands how a line looks. */
function xbar(snapshot: Snapshot): string {
  const { rows, more } = listed(snapshot);
  const lines = [
    xbarLine(plain(snapshot).trimEnd(), partsOf(snapshot)[0]?.sign ?? OVERALL_SIGNS[snapshot.overall]),
    '---',
    xbarLine(snapshot.sentence, null),
    '---',
    ...rows.map((row) => {
      const since = formatDuration(snapshot.takenAt - row.since);
      return xbarLine(
        `${rowSign(row).shape} ${nameOf(row)}: ${row.state} for ${since}. ${reasonOf(row)}`,
        rowSign(row),
      );
    }),
    ...(more ? [xbarLine(`and ${more} more`, null)] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whatever a name holds, it adds no parameter, no emoji and no colour of its own. */
function xbarLine(text: string, sign: Sign | null): string {
  const harmlessText = text.replaceAll('|', '¦');
  const color = sign && XBAR_COLORS[sign.color];
  return `${harmlessText} |${color ? ` color=${color}` : ''} trim=false emojize=false symbolize=false ansi=false`;
}

const TMUX_COLORS: Record<Sign['color'], string> = {
  red: 'red',
  yellow: 'yellow',
  blue: 'blue',
  green: 'green',
  plain: 'default',
  grey: 'brightblack',
};

/** For `#(idlewatch bar --format tmux)` in status-right. */
function tmux(snapshot: Snapshot): string {
  const parts = partsOf(snapshot).map(
    ({ sign, text }) => `#[fg=${TMUX_COLORS[sign.color]}]${sign.shape} ${tmuxText(text)}#[default]`,
  );
  return `${parts.join('  ')}\n`;
}

/** What stands behind a `#` or `%` would be looked up, run or taken for a date: others stand in for both. */
function tmuxText(text: string): string {
  return text.replaceAll('#', '＃').replaceAll('%', '％');
}
