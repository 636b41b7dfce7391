import { formatBytes, plural } from '../../../shared/format';
import { expected } from '../drift';
import type { Moment, Reading, SourceContext } from '../source';
import { newest, place } from '../worker-directory/moments';
import { projectFolder } from './parse';
import { Transcript } from './transcript';

const SUBAGENTS_MAX = 256;
const ENTRIES_MAX = 4_096;
/** A transcript that is not where it should be is looked for elsewhere this often. */
const SEARCH_AGAIN_MS = 60_000;

/** Which session's transcripts these are. */
export interface TranscriptsOf {
  /** The `projects` directory, whether or not it exists. */
  projects: string;
  cwd: string;
  sessionId: string;
}

/**
 * The transcripts of one session: its own (`projects/<folder>/<sessionId>.jsonl`), and those of its sub-agents, which
 * work in the same process (`projects/<folder>/<sessionId>/subagents/*.jsonl`). What a sub-agent does the session does.
 */
export class Transcripts {
  #main: { transcript: Transcript; folder: string } | null = null;
  readonly #subagents = new Map<string, Transcript>();
  #tooMany = false;
  #searchAfterMs = Number.NEGATIVE_INFINITY;
  #stray: { name: string; grown: Moment } | null = null;

  constructor(
    private readonly of: TranscriptsOf,
    private readonly context: SourceContext,
  ) {}

  /** Look again, and read the next slice of what came. Returns the activity that is new since the look before. */
  look(toleranceMs: number): number {
    this.#main ??= this.#find();
    this.#findSubagents();
    let activity = 0;
    for (const { trace } of this.#all()) activity += trace.look(toleranceMs);
    return activity;
  }

  touched(): boolean {
    return this.#all().some(({ trace }) => trace.touched());
  }

  get counting(): boolean {
    return this.#all().some(({ trace }) => trace.counting);
  }

  /** Null: where its transcript lies is not known. */
  get path(): string | null {
    return this.#main?.transcript.trace.path ?? null;
  }

  /** The directory of its transcript, for reading it. */
  get folder(): string | null {
    return this.#main?.folder ?? null;
  }

  /** Directories whose file events concern the session: where its transcript lies, or may come to lie. */
  get directories(): string[] {
    const { files } = this.context;
    if (!this.#main) return [this.#expectedFolder() ?? files.realPath(this.of.projects) ?? []].flat();
    const [subagent] = this.#subagents.values();
    return subagent ? [this.#main.folder, files.parent(subagent.trace.path)] : [this.#main.folder];
  }

  concerns(name: string): boolean {
    if (this.#main === null && name === projectFolder(this.of.cwd)) return true;
    return name === `${this.of.sessionId}.jsonl` || this.#subagents.has(name);
  }

  /** When any of them last grew. */
  get grown(): Moment | null {
    return newest([this.#stray?.grown ?? null, ...this.#all().map(({ trace }) => trace.grown)]);
  }

  /** The tool that it called and waits for, of those since then. */
  openCall(sinceMs: number): Reading['command'] {
    return this.#main?.transcript.calls.first(sinceMs) ?? null;
  }

  get tokens(): number | null {
    const counters = this.#all().map(({ counter }) => counter);
    if (this.#tooMany || counters.some(({ unknown }) => unknown !== null)) return null;
    const counts = counters.flatMap(({ tokens }) => tokens ?? []);
    return counts.length ? counts.reduce((sum, tokens) => sum + tokens, 0) : null;
  }

  /** Why their tokens are not known though there are transcripts; null: they are. */
  get uncounted(): string | null {
    if (this.#tooMany) return `it has had more than ${SUBAGENTS_MAX} sub-agents`;
    return this.#all().find(({ counter }) => counter.unknown !== null)?.counter.unknown ?? null;
  }

  /** What was expected where, if it is not there. */
  get missing(): string | null {
    if (this.#main?.transcript.trace.exists) return null;
    const { sessionId, cwd } = this.of;
    return expected(`its transcript as projects/${projectFolder(cwd).slice(0, 80)}/${sessionId}.jsonl`, undefined);
  }

  /**
   * A session goes on in another transcript than its record says (after /clear, or --continue, in some versions). Before
   * its silence is called anything, transcripts beside its own that are no known session's are looked at.
   */
  lookForStray(isKnown: (sessionId: string) => boolean, toleranceMs: number): void {
    const { files, clock } = this.context;
    const folder = this.#main?.folder ?? this.#expectedFolder();
    const listing = folder === null ? null : files.list(folder);
    if (folder === null || !listing?.ok) return;
    for (const { name } of listing.entries.slice(0, ENTRIES_MAX)) {
      if (!name.endsWith('.jsonl') || isKnown(name.slice(0, -'.jsonl'.length))) continue;
      const mtimeMs = files.mtimeMs(files.resolve(folder, name));
      if (mtimeMs === null || mtimeMs <= (this.grown?.at ?? 0)) continue;
      this.#stray = { name, grown: place(clock, mtimeMs, toleranceMs).moment };
    }
  }

  traces(): Reading['traces'] {
    const traces: Reading['traces'] = [];
    const main = this.#main?.transcript.trace;
    if (main?.exists) {
      const text = main.problem ?? formatBytes(main.size);
      traces.push({ kind: 'transcript', text, moment: main.grown, fault: main.problem !== null });
    }
    if (this.#subagents.size) {
      const moment = newest([...this.#subagents.values()].map(({ trace }) => trace.grown));
      const text = plural(this.#subagents.size, 'sub-agent', 'sub-agents');
      traces.push({ kind: 'transcript', text, moment, fault: false });
    }
    if (this.#stray) {
      const { name, grown } = this.#stray;
      traces.push({ kind: 'transcript', text: `beside it grows ${name.slice(0, 60)}`, moment: grown, fault: false });
    }
    return traces;
  }

  #all(): Transcript[] {
    return this.#main ? [this.#main.transcript, ...this.#subagents.values()] : [];
  }

  #find(): { transcript: Transcript; folder: string } | null {
    const here = this.#at(this.#expectedFolder());
    if (here) return here;
    const { clock } = this.context;
    if (clock.monotonicMs() < this.#searchAfterMs) return null;
    this.#searchAfterMs = clock.monotonicMs() + SEARCH_AGAIN_MS;
    return this.#search();
  }

  /** Long names of folders are cut short in a way of Claude Code's own, and a session may change where it works. */
  #search(): { transcript: Transcript; folder: string } | null {
    const { files } = this.context;
    const listing = files.list(this.of.projects);
    if (!listing.ok) return null;
    for (const { name, kind } of listing.entries.slice(0, ENTRIES_MAX)) {
      const found = kind === 'directory' ? this.#at(files.resolve(this.of.projects, name)) : null;
      if (found) return found;
    }
    return null;
  }

  #expectedFolder(): string | null {
    const { files } = this.context;
    const projects = files.realPath(this.of.projects);
    const folder = files.realPath(files.resolve(this.of.projects, projectFolder(this.of.cwd)));
    return projects !== null && folder !== null && files.isInside(folder, projects) ? folder : null;
  }

  #at(folder: string | null): { transcript: Transcript; folder: string } | null {
    if (folder === null) return null;
    const { files } = this.context;
    const path = files.resolve(folder, `${this.of.sessionId}.jsonl`);
    const stat = files.stat(path, folder);
    if (!stat.ok && stat.problem === 'missing') return null;
    return { folder, transcript: new Transcript(path, folder, this.context) };
  }

  #findSubagents(): void {
    if (!this.#main) return;
    const { files } = this.context;
    const given = files.resolve(this.#main.folder, `${this.of.sessionId}/subagents`);
    const directory = files.realPath(given);
    if (directory === null || !files.isInside(directory, this.#main.folder)) return;
    const listing = files.list(directory);
    if (!listing.ok) return;
    for (const { name, kind } of listing.entries) {
      if (kind !== 'file' || !name.endsWith('.jsonl') || this.#subagents.has(name)) continue;
      if (this.#subagents.size >= SUBAGENTS_MAX) {
        this.#tooMany = true;
        return;
      }
      this.#subagents.set(name, new Transcript(files.resolve(directory, name), directory, this.context));
    }
  }
}
