import { RUN_STATES } from '../../engine/run-registry';

/** Milliseconds by SQLite's clock. */
const NOW = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

/** Every statement there is, so that it can be shown that each finds its rows by an index. */
export const STATEMENTS = {
  now: `SELECT ${NOW} AS now`,

  insertRun: `
    INSERT INTO runs (id, name, key, command, directory, working_directory, supervisor, timeout_ms, idle_timeout_ms,
      state, started_at, heartbeat_at, updated_at)
    VALUES (:id, :name, :key, :command, :directory, :workingDirectory, :supervisor, :timeoutMs, :idleTimeoutMs,
      'running', ${NOW}, ${NOW}, ${NOW})
    RETURNING *`,
  getRun: 'SELECT * FROM runs WHERE id = :id',
  listRuns: `
    SELECT * FROM runs WHERE state IN (${RUN_STATES.map(() => '?').join(', ')}) ORDER BY started_at DESC, rowid DESC`,
  /** The clock may be set back; `updated_at` grows all the same. A beat may have come between: see outputBytes. */
  updateRun: `
    UPDATE runs SET state = :state, child = :child, exit_code = :exitCode, signal = :signal, reason = :reason,
      end_requested = :endRequested, output_bytes = coalesce(:outputBytes, output_bytes),
      finished_at = CASE WHEN :isFinal THEN ${NOW} END, updated_at = max(${NOW}, updated_at + 1)
    WHERE id = :id AND updated_at = :expected
    RETURNING *`,
  beat: `
    UPDATE runs SET heartbeat_at = ${NOW}, output_bytes = :outputBytes
    WHERE id = :id AND state IN ('running', 'orphaned')`,
  forgetRun: "DELETE FROM runs WHERE id = :id AND state NOT IN ('running', 'orphaned')",

  insertNotice: `INSERT INTO notices (run_id, at, text) VALUES (:runId, ${NOW}, :text)`,
  dropOldNotices: `
    DELETE FROM notices WHERE run_id = :runId
      AND id <= (SELECT id FROM notices WHERE run_id = :runId ORDER BY id DESC LIMIT 1 OFFSET :kept)`,
  noticesAfter: 'SELECT id, run_id, at, text FROM notices WHERE run_id = :runId AND id > :id ORDER BY id',

  getLease: 'SELECT * FROM leases WHERE key = :key',
  claimLease: `
    INSERT INTO leases (key, run_id, holder, claimed_at) VALUES (:key, :runId, :holder, ${NOW})
    ON CONFLICT (key) DO UPDATE SET run_id = excluded.run_id, holder = excluded.holder, claimed_at = excluded.claimed_at`,
  releaseLease: 'DELETE FROM leases WHERE key = :key',
  giveBackLease: 'DELETE FROM leases WHERE key = :key AND run_id = :runId',

  insertAudit: `
    INSERT INTO audit (at, kind, plan_id, entry, writer) VALUES (:at, :kind, :planId, :entry, :writer)`,
  newestAudit: 'SELECT at, kind, entry FROM audit WHERE id > (SELECT max(id) FROM audit) - :limit ORDER BY id',
  dropOldAudit: 'DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - :kept',
  /** The oldest tenth of what is there. */
  dropTenthOfAudit: `
    DELETE FROM audit WHERE id <=
      (SELECT min(id) FROM audit) + ((SELECT max(id) FROM audit) - (SELECT min(id) FROM audit)) / 10`,
  newestBefore: 'SELECT id FROM audit WHERE at < :at ORDER BY id DESC LIMIT 1',
  auditAfter: 'SELECT id, at, kind, plan_id, writer FROM audit WHERE id > :after ORDER BY id LIMIT :limit',
  auditEntry: 'SELECT entry FROM audit WHERE id = :id',
  unfinishedKills: `
    SELECT at, plan_id, entry, writer FROM audit AS intent
    WHERE kind = 'kill_intent' AND plan_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM audit WHERE kind IN ('kill_outcome', 'kill_unfinished') AND plan_id = intent.plan_id)
    ORDER BY id`,
} as const;
