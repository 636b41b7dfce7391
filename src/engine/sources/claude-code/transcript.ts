import type { SourceContext } from '../source';
import { TraceFile } from '../worker-directory/trace-file';
import { OpenCalls } from './open-calls';
import { parseLine } from './parse';
import { TokenCounter } from './tokens';

/** A transcript that is longer when it is first seen is followed from its end: counting its tokens would take too long. */
const COUNTED_MAX_BYTES = 32 * 1024 * 1024;

/** One transcript: when it grows, what was used, which tools are at work. */
export class Transcript {
  readonly counter = new TokenCounter();
  readonly calls: OpenCalls;
  readonly trace: TraceFile;

  constructor(path: string, within: string, { files, clock }: SourceContext) {
    this.calls = new OpenCalls(clock);
    const stat = files.stat(path, within);
    const isLong = stat.ok && stat.size > COUNTED_MAX_BYTES;
    this.trace = new TraceFile('transcript', path, within, files, clock, !isLong, {
      onLine: (line) => this.#take(line),
      onRestart: () => this.#restart(isLong),
    });
  }

  /** Null: it was too long to read, and tells nothing of what is wanted here. */
  #take(line: string | null): void {
    if (line === null) return;
    const parsed = parseLine(line);
    this.counter.add(parsed.usage);
    this.calls.add(parsed);
  }

  #restart(isLong: boolean): void {
    this.counter.clear();
    this.calls.clear();
    if (isLong) this.counter.unknown = 'the transcript was long already when idlewatch first saw it';
  }
}
