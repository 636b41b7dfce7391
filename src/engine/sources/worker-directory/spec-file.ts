import type { Clock, FileFailure, FileStat, Files } from '../../ports';
import type { Moment } from '../source';
import { place } from './moments';
import { parseSpec, type WorkerSpec } from './parse';

export const SPEC_NAME = 'worker-spec.json';
const SPEC_MAX_BYTES = 256 * 1024;
const NO_SPEC: WorkerSpec = { name: null, role: null, inbox: null, outbox: null, heartbeat: null, pid: null };

const decoder = new TextDecoder();

/** Where the spec says the worker's files are, or where they are by default. */
export interface SpecPaths {
  heartbeat: string;
  inbox: string;
  outbox: string;
}

/** Follows `worker-spec.json`: reads it when it changed; a broken one leaves the defaults and says what is wrong. */
export class SpecFile {
  spec: WorkerSpec = NO_SPEC;
  written: Moment | null = null;
  writtenAt = 0;
  /** In words; empty when all is well. */
  problems: string[] = [];
  paths: SpecPaths;
  readonly #path: string;
  #seen = 'never';

  constructor(
    private readonly directory: string,
    private readonly files: Files,
    private readonly clock: Clock,
  ) {
    this.#path = files.resolve(directory, SPEC_NAME);
    this.paths = this.#defaults();
  }

  /** True when the file is not what was last read. */
  touched(): boolean {
    return seenAs(this.files.stat(this.#path, this.directory)) !== this.#seen;
  }

  /** True when the spec changed, so that the paths may have. */
  look(toleranceMs: number): boolean {
    const path = this.#path;
    const stat = this.files.stat(path, this.directory);
    const seen = seenAs(stat);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    this.spec = NO_SPEC;
    this.problems = [];
    this.written = stat.ok ? place(this.clock, stat.mtimeMs, toleranceMs).moment : null;
    this.writtenAt = stat.ok ? stat.mtimeMs : 0;
    if (stat.ok) this.#read(path);
    else if (stat.problem !== 'missing') this.problems.push(`Cannot read ${SPEC_NAME}: ${stat.detail}`);
    this.paths = this.#resolvePaths();
    return true;
  }

  #read(path: string): void {
    const got = this.files.read(path, this.directory, SPEC_MAX_BYTES);
    if (!got.ok) {
      this.#seen = ''; // What forbids it may end without a change of the file.
      this.problems.push(`Cannot read ${SPEC_NAME}: ${got.detail}`);
    } else if (got.truncated) {
      this.problems.push(`Cannot read ${SPEC_NAME}: it has ${got.size} bytes; allowed are ${SPEC_MAX_BYTES}`);
    } else {
      const parsed = parseSpec(decoder.decode(got.data));
      if (parsed.ok) this.spec = parsed.spec;
      else this.problems.push(`Broken ${SPEC_NAME}: ${parsed.detail}`);
    }
  }

  #defaults(): SpecPaths {
    const at = (name: string) => this.files.resolve(this.directory, name);
    return { heartbeat: at('heartbeat.json'), inbox: at('inbox.jsonl'), outbox: at('outbox.jsonl') };
  }

  #resolvePaths(): SpecPaths {
    const paths = this.#defaults();
    for (const key of ['heartbeat', 'inbox', 'outbox'] as const) {
      const named = this.spec[key];
      if (named === null) continue;
      const inside = this.#inside(named);
      if (inside) paths[key] = inside;
      else this.problems.push(`"${key}" in ${SPEC_NAME} lies outside the worker directory; it is not read`);
    }
    return paths;
  }

  /** A path of the spec below the worker's own directory, by its real parent; null where it leads out. */
  #inside(named: string): string | null {
    const path = this.files.resolve(this.directory, named);
    if (this.files.isInside(path, this.directory)) return path;
    const parent = this.files.realPath(this.files.parent(path));
    if (!parent || !this.files.isInside(parent, this.directory)) return null;
    return this.files.resolve(parent, this.files.baseName(path));
  }
}

function seenAs(stat: FileStat | FileFailure): string {
  return stat.ok ? `${stat.fileId} ${stat.size} ${stat.mtimeMs}` : `${stat.problem} ${stat.detail}`;
}
