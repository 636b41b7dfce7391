import { type HealthStrip, STRIP_MINUTES } from '../../shared/model';
import type { Verdict } from './verdict';

const MINUTE_MS = 60_000;
/** Worst first. */
const ORDER = 'dswlho-';

/** How a worker stood in the last hour, kept as its changes alone: a worker that is well costs one entry. */
export class StripRecorder {
  /** Oldest first; each holds until the next. */
  readonly #changes: { fromMs: number; letter: string }[] = [];

  note(verdict: Pick<Verdict, 'state' | 'health'>, nowMs: number): void {
    const letter = letterOf(verdict);
    if (this.#changes.at(-1)?.letter === letter) return;
    this.#changes.push({ fromMs: nowMs, letter });
    const oldest = nowMs - STRIP_MINUTES * MINUTE_MS;
    while (this.#changes[1] && this.#changes[1].fromMs < oldest) this.#changes.shift();
  }

  /** One letter a minute, oldest first; the last minute ends now. */
  read(nowMs: number): HealthStrip {
    let strip = '';
    for (let minute = STRIP_MINUTES; minute > 0; minute -= 1) {
      const fromMs = nowMs - minute * MINUTE_MS;
      strip += this.#worstWithin(fromMs, fromMs + MINUTE_MS);
    }
    return strip;
  }

  #worstWithin(fromMs: number, toMs: number): string {
    let worst = '-';
    this.#changes.forEach(({ fromMs: since, letter }, index) => {
      const until = this.#changes[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      const counts = since < toMs && until > fromMs;
      if (counts && ORDER.indexOf(letter) < ORDER.indexOf(worst)) worst = letter;
    });
    return worst;
  }
}

function letterOf({ state, health }: Pick<Verdict, 'state' | 'health'>): string {
  if (health === 'dead') return 'd';
  if (health === 'stalled') return 's';
  if (state === 'waiting') return 'w';
  if (state === 'stopped' || state === 'starting') return 'o';
  if (health === 'late') return 'l';
  return health === 'healthy' ? 'h' : '-';
}
