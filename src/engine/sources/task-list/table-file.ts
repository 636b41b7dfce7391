import type { TaskListSetting } from '../../../shared/settings';
import type { Clock, ForeignTables, RowsAnswer } from '../../ports';
import type { FileFault } from '../rewritten-file';
import type { Entry } from './parse';
import { stateKey } from './parse';

/** More open tasks than this are not looked through. */
const ROWS_MAX = 5_000;
/** A schema is changed in several steps, and a file replaced: what is wrong is believed once it has lasted for so long. */
const FAULT_AFTER_MS = 250;
/** One that is always being written at the wrong moment cannot be read after all. */
const PASSING_MAX_MS = 30_000;
/** Reading never takes more than a fiftieth of the time. */
const REST = 50;

/** Follows a table of tasks: reads it when it was written to. */
export class TableFile {
  value: Entry[] | null = null;
  fault: FileFault | null = null;
  /** Wall time. */
  writtenAt: number | null = null;
  #mark: string | null = null;
  #faultySince: number | null = null;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    readonly path: string,
    private readonly setting: TaskListSetting & { table: string },
    private readonly tables: ForeignTables,
    private readonly clock: Clock,
  ) {}

  /** Look, and read it if it changed or was in doubt. True when `value` is another one now. */
  look(): boolean {
    const startedMs = this.clock.monotonicMs();
    if (startedMs < this.#restUntil) return false;
    const written = this.tables.written(this.path);
    if (written && written.mark === this.#mark && this.#faultySince === null) return false;
    const answer = this.#rows();
    this.#restUntil = startedMs + REST * (this.clock.monotonicMs() - startedMs);
    if (!answer.ok) return this.#failed(answer, written === null);
    this.value = answer.rows.map((fields) => ({ key: null, fields })).reverse();
    this.writtenAt = Math.min(written?.at ?? Number.POSITIVE_INFINITY, this.clock.wallMs());
    this.fault = null;
    this.#faultySince = null;
    // Taken before reading: what was written since makes another mark.
    this.#mark = written?.mark ?? null;
    return true;
  }

  #rows(): RowsAnswer {
    const { table, columns, final } = this.setting;
    const { id, title, state, lastActivity } = columns;
    return this.tables.rows(this.path, table, [...new Set([id, title, state, lastActivity])], ROWS_MAX, {
      except: { column: state, values: final.map(stateKey) },
      newestBy: lastActivity,
      optional: [title, lastActivity].filter((name) => name !== id && name !== state),
    });
  }

  #failed({ reason, passing }: Extract<RowsAnswer, { ok: false }>, isMissing: boolean): false {
    const now = this.clock.monotonicMs();
    this.#faultySince ??= now;
    const allowedMs = passing ? PASSING_MAX_MS : FAULT_AFTER_MS;
    // At first sight there is nothing to stand by until then.
    if (this.value === null || now - this.#faultySince >= allowedMs) {
      this.fault = { kind: isMissing ? 'missing' : 'unreadable', detail: reason };
    }
    return false;
  }
}
