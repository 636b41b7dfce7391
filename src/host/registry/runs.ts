import {
  type AddressLiveness,
  isFinal,
  type LeaseHolder,
  type NewRun,
  RUN_STATES,
  type RunChange,
  RunConflictError,
  type RunRecord,
  type RunRegistry,
} from '../../engine/run-registry';
import type { Connection } from '../sqlite/connection';
import type { Database } from '../sqlite/database';
import { jitter, whileLocked, whileLockedAsync } from './patience';
import { addressText, changedValues, leaseOf, newRunValues, noticeOf, runOf } from './rows';
import { STATEMENTS } from './statements';

const CHANGE_RETRIES = 3;
const RETRY_WAIT_MS = 40;
/** Of each run; the oldest are dropped. */
const NOTICES_KEPT = 1_000;

type MayLive = (run: RunRecord) => boolean;

/** The run registry on its database. See the port for what each method promises. */
export function createRuns({ read, write, path }: Database): RunRegistry {
  const get = (id: string): RunRecord | null => read((connection) => find(connection, id));

  function find(connection: Connection, id: string): RunRecord | null {
    const row = connection.statement(STATEMENTS.getRun).get({ id });
    return row ? runOf(row) : null;
  }

  function unknownRun(id: string): Error {
    return new Error(`There is no run ${id} in ${path}`);
  }

  function findLease(connection: Connection, key: string): LeaseHolder | null {
    const row = connection.statement(STATEMENTS.getLease).get({ key });
    return row ? leaseOf(row) : null;
  }

  /** Whether what a lease was given to may still run: its supervisor, or the command that outlived it. */
  function mayRun(holder: LeaseHolder, run: RunRecord | null, livenessOf: AddressLiveness, mayLive: MayLive): boolean {
    if (livenessOf(holder) !== 'gone') return true;
    if (run === null || isFinal(run.state)) return false;
    return run.child === null ? mayLive(run) : livenessOf(run.child) !== 'gone';
  }

  function writeDown(connection: Connection, run: NewRun): RunRecord {
    if (run.key !== null) {
      const holder = addressText(run.supervisor);
      connection.statement(STATEMENTS.claimLease).run({ key: run.key, runId: run.id, holder });
    }
    return runOf(connection.statement(STATEMENTS.insertRun).get(newRunValues(run)));
  }

  /** Null: another change came between. */
  function tryChange(run: RunRecord, change: RunChange): RunRecord | null {
    const values = changedValues(run, change);
    const ends = isFinal(values.state);
    return write((connection) => {
      const update = { ...values, id: run.id, expected: run.updatedAt, isFinal: ends ? 1 : 0 };
      const row = connection.statement(STATEMENTS.updateRun).get(update);
      if (row && ends && run.key !== null) {
        connection.statement(STATEMENTS.giveBackLease).run({ key: run.key, runId: run.id });
      }
      return row ? runOf(row) : null;
    });
  }

  return {
    begin(run, livenessOf, mayLive = () => false) {
      return whileLocked(() =>
        write((connection) => {
          const heldBy = run.key === null ? null : findLease(connection, run.key);
          const holding = heldBy && find(connection, heldBy.runId);
          if (heldBy && mayRun(heldBy, holding, livenessOf, mayLive)) return { ok: false, heldBy };
          return { ok: true, run: writeDown(connection, run) };
        }),
      );
    },
    get,
    list(states = RUN_STATES) {
      const asked = RUN_STATES.map((state) => (states.includes(state) ? state : null));
      return read((connection) =>
        connection
          .statement(STATEMENTS.listRuns)
          .all(...asked)
          .map(runOf),
      );
    },
    async change(id, edit) {
      for (let retries = 0; ; retries += 1) {
        const run = await whileLockedAsync(() => get(id));
        if (!run) throw unknownRun(id);
        const change = isFinal(run.state) ? null : edit(run);
        if (!change) return run;
        const changed = await whileLockedAsync(() => tryChange(run, change));
        if (changed) return changed;
        if (retries === CHANGE_RETRIES) {
          throw new RunConflictError(
            `Run ${run.name} (${id}) was changed by others again and again; after ${CHANGE_RETRIES} retries this change was given up`,
          );
        }
        await jitter(RETRY_WAIT_MS * (retries + 1));
      }
    },
    beat(id, outputBytes) {
      const { changes } = write((connection) => connection.statement(STATEMENTS.beat).run({ id, outputBytes }));
      if (changes === 0 && !get(id)) throw unknownRun(id);
    },
    notice(runId, text) {
      write((connection) => {
        if (!find(connection, runId)) throw unknownRun(runId);
        connection.statement(STATEMENTS.insertNotice).run({ runId, text });
        connection.statement(STATEMENTS.dropOldNotices).run({ runId, kept: NOTICES_KEPT });
      });
    },
    noticesAfter: (runId, id) =>
      read((connection) => connection.statement(STATEMENTS.noticesAfter).all({ runId, id }).map(noticeOf)),
    now: () => read((connection) => connection.statement(STATEMENTS.now).get().now),
    lease: (key) => read((connection) => findLease(connection, key)),
    release: (key) => write((connection) => connection.statement(STATEMENTS.releaseLease).run({ key }).changes > 0),
    forget(id) {
      write((connection) => {
        const { changes } = connection.statement(STATEMENTS.forgetRun).run({ id });
        const left = changes === 0 ? find(connection, id) : null;
        if (left)
          throw new Error(`Run ${left.name} (${id}) is ${left.state}: only a run that has ended can be forgotten`);
      });
    },
  };
}
