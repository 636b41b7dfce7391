import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { beat, makeRun, watchStepped } from '../support/watched-run';
import { ask, begin, openTestGateway, serve } from './support';

/** A worker that said it was at work, and has been silent since; a gateway before a model that answers as it is told. */
async function silentWorker() {
  const responses: ServerResponse[] = [];
  const upstream = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    responses.push(response);
  });
  const run = makeRun();
  run.well('builder');
  run.well('other');
  run.put('builder', 'heartbeat.json', beat({ status: 'working' }));
  const settings = { heartbeat_missing_secs: 10, heartbeat_stale_secs: 10, requestSilenceMs: 60_000 };
  const watched = watchStepped([run.state], { settings });
  const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`, {}, { monitored: watched });
  const reason = () => {
    watched.look('builder');
    const { health, reason } = watched.row('builder');
    return `${health}: ${reason}`;
  };
  return { watched, gateway, responses, reason };
}

it.each([
  ['by its path', (url: string) => begin(`${url}/w/builder/v1/responses`)],
  ['by a header', (url: string) => begin(`${url}/v1/responses`, { headers: { 'x-idlewatch-worker': 'builder' } })],
])('a silent worker is well while its model request (told %s) speaks, and not for longer', async (_how, request) => {
  const { watched, gateway, responses, reason } = await silentWorker();
  const answer = await request(gateway.url);
  watched.step(40_000);
  expect(reason()).toBe('healthy: A model request is open');
  expect(watched.row('other').health).not.toBe('healthy');

  let heard = 0;
  answer.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  responses[0]?.write('data: {}\n\n');
  await waitFor('the piece came through', () => heard > 0);
  watched.step(40_000);
  expect(reason()).toMatch(/^healthy|^late/);
  watched.step(25_000);
  expect(reason()).toMatch(/^(stalled|dead): /);
});

it('a worker whose request is over has shown life with its end, and is judged by its silence from then on', async () => {
  const { watched, gateway, responses, reason } = await silentWorker();
  const answer = await begin(`${gateway.url}/w/builder/v1/responses`);
  answer.resume();
  watched.step(20_000);
  responses[0]?.end();
  await waitFor('it is over', () => gateway.counts.requests.passed === 1);
  expect(reason()).toMatch(/^healthy: /);
  watched.step(11_000);
  expect(reason()).toMatch(/^(stalled|dead): /);
});

it('each request and its pieces are traffic, whoever asks, answered or not', async () => {
  const { watched, gateway, responses } = await silentWorker();
  const { monitor } = watched;
  const traffic = () => monitor.snapshot().idle.trafficCount;
  const before = traffic();
  const answer = await begin(`${gateway.url}/v1/responses`);
  expect(traffic()).toBe(before + 1);
  let pieces = 0;
  answer.on('data', () => {
    pieces += 1;
  });
  for (let piece = 1; piece <= 3; piece += 1) {
    watched.step(300);
    responses[0]?.write('data: {}\n\n');
    await waitFor('the piece came through', () => pieces === piece);
  }
  expect(traffic()).toBe(before + 4);
  gateway.set({ IDLEWATCH_UPSTREAM: null });
  expect((await ask(`${gateway.url}/v1/responses`)).status).toBe(503);
  expect(traffic()).toBe(before + 5);
  expect((await ask(`${gateway.url}/elsewhere`)).status).toBe(404);
  expect(traffic()).toBe(before + 5);
});
