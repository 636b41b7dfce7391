import type { SourceContext } from '../source';
import { TraceFile } from '../worker-directory/trace-file';
import { TokenCounter } from './tokens';

/** A transcript that is longer when it is first seen is followed from its end: counting its tokens would take too long. */
const COUNTED_MAX_BYTES = 32 * 1024 * 1024;

/** One transcript: when it grows, and what was used. */
export class Transcript {
  readonly counter = new TokenCounter();
  readonly trace: TraceFile;

  constructor(path: string, within: string, { files, clock }: SourceContext) {
    const stat = files.stat(path, within);
    const isLong = stat.ok && stat.size > COUNTED_MAX_BYTES;
    this.trace = new TraceFile('transcript', path, within, files, clock, !isLong, {
      onLine: (line) => this.counter.add(line),
      onRestart: () => this.#restart(isLong),
    });
  }

  #restart(isLong: boolean): void {
    this.counter.clear();
    if (isLong) this.counter.unknown = 'the transcript was long already when idlewatch first saw it';
  }
}
