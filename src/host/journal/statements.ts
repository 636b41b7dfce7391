/** Of two rows, either of which may know none. */
const greater = (column: string): string =>
  `coalesce(max(${column}, excluded.${column}), ${column}, excluded.${column})`;

const SUMS = [
  'samples',
  'instant_rate_sum',
  'traffic_rate_sum',
  'idle_timeout_ms_sum',
  'memory_used_bytes_sum',
  'workers_rss_samples',
  'workers_rss_bytes_sum',
];
const GREATEST = [
  'instant_rate_max',
  'traffic_rate_max',
  'since_traffic_ms_max',
  'memory_used_bytes_max',
  'workers_rss_bytes_max',
  'busy_max',
  'waiting_max',
  'wrong_max',
];

/** Every statement there is, so that it can be shown that each finds its rows by an index. */
export const STATEMENTS = {
  /** Kept by SQLite for AUTOINCREMENT: it stays when events go. */
  lastEventId: "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
  dropLastEventId: "DELETE FROM sqlite_sequence WHERE name = 'events'",
  noteLastEventId: "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', CAST(? AS INTEGER))",

  insertEvent: `
    INSERT INTO events (id, at, kind, worker_id, worker_name, text, data)
    VALUES (:id, :at, :kind, :workerId, :workerName, :text, :data)`,
  insertSilence: `
    INSERT INTO silences (worker_id, worker_name, source, clock, silent_from, length_ms, threshold_ms, interval_ms,
      command_ms, own_limit_ms, excused_until, could_end, end, ended_at)
    VALUES (:workerId, :workerName, :source, :clock, :silentFrom, :lengthMs, :thresholdMs, :intervalMs,
      :commandMs, :ownLimitMs, :excusedUntil, :couldEnd, :end, :endedAt)`,
  addFigures: `
    INSERT INTO figures (span_ms, at, samples, instant_rate_sum, instant_rate_max, traffic_rate_sum, traffic_rate_max,
      idle_timeout_ms_sum, since_traffic_ms_max, memory_used_bytes_sum, memory_used_bytes_max, workers_rss_samples,
      workers_rss_bytes_sum, workers_rss_bytes_max, busy_max, waiting_max, wrong_max)
    VALUES (:spanMs, :at, 1, :instantRate, :instantRate, :trafficRate, :trafficRate,
      :idleTimeoutMs, :sinceTrafficMs, :memoryUsedBytes, :memoryUsedBytes, :workersRssBytes IS NOT NULL,
      coalesce(:workersRssBytes, 0), :workersRssBytes, :busy, :waiting, :wrong)
    ON CONFLICT (span_ms, at) DO UPDATE SET
      ${SUMS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
      ${GREATEST.map((column) => `${column} = ${greater(column)}`).join(', ')}`,

  eventsAfter: 'SELECT * FROM events WHERE id > :id ORDER BY id LIMIT :limit',
  latestEvents: 'SELECT * FROM events ORDER BY id DESC LIMIT :limit',
  killsOfPlan: `
    SELECT kind FROM events
    WHERE kind IN ('kill_intent', 'kill_ended', 'kill_failed') AND data ->> '$.planId' = :planId`,
  silences: 'SELECT * FROM silences WHERE ended_at >= :fromAt ORDER BY ended_at, id',

  firstEventAt: 'SELECT min(at) AS at FROM events',
  firstSilenceAt: 'SELECT min(ended_at) AS at FROM silences',
  firstFigureAt: 'SELECT min(at) AS at FROM figures WHERE span_ms = :spanMs',
  firstFigureBetween: 'SELECT min(at) AS at FROM figures WHERE span_ms = :spanMs AND at >= :fromAt AND at < :untilAt',

  dropEvents: 'DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < :before ORDER BY at LIMIT :limit)',
  dropSilences: `
    DELETE FROM silences WHERE id IN
      (SELECT id FROM silences WHERE ended_at < :before ORDER BY ended_at LIMIT :limit)`,
  dropFigures: 'DELETE FROM figures WHERE span_ms = :spanMs AND at < :before',
} as const;
