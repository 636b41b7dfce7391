import { describe, expect, it } from 'vitest';
import { type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

/** The samples of the text format, by name and labels. */
async function figures({ ask }: ServedApi): Promise<Map<string, number>> {
  const { status, headers, text } = await ask('/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', value] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      expect({ line, name }).not.toEqual({ line, name: '' });
      return [name, Number(value)];
    }),
  );
}

describe('GET /metrics', () => {
  it('workers by state, the overall state, memory and traffic', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    await api.ask('/api/ping', { method: 'POST', body: { count: 7 } });
    const told = await figures(api);
    expect(told.get('idlewatch_workers{state="busy"}')).toBe(1);
    expect(told.get('idlewatch_workers{state="dead"}')).toBe(0);
    expect(told.get('idlewatch_overall{state="busy"}')).toBe(1);
    expect(told.get('idlewatch_overall{state="idle"}')).toBe(0);
    expect(told.get('idlewatch_workers_needing_person')).toBe(0);
    expect(told.get('idlewatch_traffic_events_total')).toBeGreaterThanOrEqual(7);
    expect(told.get('idlewatch_heartbeat_age_max_seconds{source="worker-directory"}')).toBeGreaterThanOrEqual(0);
    expect(told.get('idlewatch_build_info{version="1.2.3"}')).toBe(1);
    expect(told.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(told.get('idlewatch_journal_failing')).toBe(0);
  });

  it('what happened since the start, and requests by their route', async () => {
    const api = await servedApi({ settings: { heartbeat_missing_secs: 1 } });
    const id = api.beat('coder');
    await api.worker(id, ({ state }) => state === 'dead');
    await api.ask(`/api/workers/${encodeURIComponent(id)}`);
    await api.ask('/api/workers/nobody');
    for (const path of ['/one', '/two', '/three']) await api.ask(path);
    const told = await waitFor('all of it is counted', async () => {
      const found = await figures(api);
      return (
        found.get('idlewatch_http_request_duration_seconds_count{method="any",route="none",status="404"}') === 3 &&
        found
      );
    });
    const requests = (labels: string) => told.get(`idlewatch_http_request_duration_seconds_count{${labels}}`);
    expect(told.get('idlewatch_events_total{event="worker_dead"}')).toBe(1);
    expect(requests('method="GET",route="/api/workers/:id",status="200"')).toBe(1);
    expect(requests('method="GET",route="/api/workers/:id",status="404"')).toBe(1);
  });

  it('counts ends by who asked and what became of them', async () => {
    const api = await servedApi();
    const { monitor } = api.station.engine;
    const receipt = {
      ...{ planId: 'p', workerId: 'x', workerName: 'x', why: '', startedAt: 0, tookMs: 0 },
      ...{ summary: '', session: null, processes: [] },
    };
    monitor.noteReceipt({ ...receipt, askedBy: 'policy', ended: true });
    monitor.noteReceipt({ ...receipt, askedBy: 'policy', ended: true });
    monitor.noteReceipt({ ...receipt, askedBy: 'window', ended: false });
    const told = await figures(api);
    expect(told.get('idlewatch_kills_total{asked_by="policy",outcome="ended"}')).toBe(2);
    expect(told.get('idlewatch_kills_total{asked_by="window",outcome="failed"}')).toBe(1);
  });

  it('has as many figures for many workers as for one, and names none', async () => {
    const api = await servedApi();
    await api.worker(api.beat('first'));
    const before = (await figures(api)).size;
    const ids = Array.from({ length: 30 }, (_, index) => api.beat(`secret-${index}`));
    for (const id of ids) await api.worker(id);
    for (const id of ids) await api.ask(`/api/workers/${encodeURIComponent(id)}`);
    const once = await figures(api);
    const again = await figures(api);
    expect(again.size).toBe(once.size);
    // One more route was asked for.
    expect(once.size - before).toBeLessThan(50);
    expect([...again.keys()].join()).not.toContain('secret');
  });

  it('two servers beside each other do not share their figures', async () => {
    const [one, two] = [await servedApi(), await servedApi()];
    await one.ask('/api/ping', { method: 'POST', body: { count: 100 } });
    expect((await figures(one)).get('idlewatch_traffic_events_total')).toBe(100);
    expect((await figures(two)).get('idlewatch_traffic_events_total')).toBe(0);
  });
});
