import type { Clock, FileStat, Files } from '../../ports';
import { isSameContent } from '../../ports';
import { least, parseRoutine, type Routine, type RoutineLimits, slugOf } from './routines';

const TOML_MAX_BYTES = 256 * 1024;
const CRON_MAX_BYTES = 16 * 1024;
const DEPTH_MAX = 4;
const DIRECTORIES_MAX = 1_000;
const READ_AGAIN_MS = 30_000;

const decoder = new TextDecoder();

interface Known {
  routine: Routine | null;
  toml: FileStat;
  cron: FileStat | null;
}

/**
 * The routines of this user, each in a directory of its own, at any depth below `directory`. What cannot be read says
 * nothing, and no routine can but shorten what is allowed anyway.
 */
export class RoutineFiles {
  #known = new Map<string, Known>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly directory: string,
    private readonly files: Files,
    private readonly clock: Clock,
  ) {}

  /** Look again for what has changed, every half minute at most. */
  refresh(): void {
    if (this.clock.monotonicMs() - this.#readAtMs < READ_AGAIN_MS) return;
    this.#readAtMs = this.clock.monotonicMs();
    const before = this.#known;
    this.#known = new Map();
    for (const path of this.#directories()) {
      const known = this.#look(path, before.get(path));
      if (known) this.#known.set(path, known);
    }
  }

  /** What the routine with this slug allows: the shortest of it where several have it. */
  limitsOf(slug: string): RoutineLimits {
    const limits: RoutineLimits = { maxRuntimeSecs: null, ttlSecs: null };
    for (const [path, { routine }] of this.#known) {
      const { title } = routine ?? {};
      const isIt = this.files.baseName(path) === slug || (title != null && slugOf(title) === slug);
      if (!routine || !isIt) continue;
      limits.maxRuntimeSecs = least(limits.maxRuntimeSecs, routine.maxRuntimeSecs);
      limits.ttlSecs = least(limits.ttlSecs, routine.ttlSecs);
    }
    return limits;
  }

  #directories(): string[] {
    const { files } = this;
    const root = files.realPath(this.directory);
    const open = root === null ? [] : [{ path: root, depth: 0 }];
    for (let at = 0; at < open.length && at < DIRECTORIES_MAX; at += 1) {
      const { path, depth } = open[at] as (typeof open)[number];
      const listing = depth < DEPTH_MAX ? files.list(path) : null;
      if (!listing?.ok) continue;
      for (const { name, kind } of listing.entries) {
        if (kind === 'directory' && name !== '.git') open.push({ path: files.resolve(path, name), depth: depth + 1 });
      }
    }
    return open.slice(0, DIRECTORIES_MAX).map(({ path }) => path);
  }

  #look(path: string, before: Known | undefined): Known | null {
    const { files } = this;
    const toml = files.stat(files.resolve(path, 'routine.toml'), path);
    if (!toml.ok) return null;
    const found = files.stat(files.resolve(path, 'schedule.cron'), path);
    const cron = found.ok ? found : null;
    if (before && isSameContent(before.toml, toml) && isSame(before.cron, cron)) return before;
    const text = this.#text(path, 'routine.toml', TOML_MAX_BYTES);
    const schedule = cron && this.#text(path, 'schedule.cron', CRON_MAX_BYTES);
    return { routine: text === null ? null : parseRoutine(text, schedule), toml, cron };
  }

  #text(path: string, name: string, maxBytes: number): string | null {
    const got = this.files.read(this.files.resolve(path, name), path, maxBytes);
    return got.ok && !got.truncated ? decoder.decode(got.data) : null;
  }
}

function isSame(a: FileStat | null, b: FileStat | null): boolean {
  return a && b ? isSameContent(a, b) : a === b;
}
