import { describe, expect, it } from 'vitest';
import { loggedEvent } from '../../../src/server/api/schemas/snapshot';
import type { LoggedEvent } from '../../../src/shared/model';
import { type Followed, refusal, type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const note = ({ station }: ServedApi, text: string, data?: unknown) =>
  station.engine.monitor.noteEvent('notice', null, text, data);
const eventsOf = ({ messages }: Followed): LoggedEvent[] =>
  messages.map(({ data }) => loggedEvent.parse(JSON.parse(data)));
const textsOf = (stream: Followed) => eventsOf(stream).map(({ text }) => text);
const tells = (text: string) => (message: { data: string }) => JSON.parse(message.data).text === text;
const keptText = ({ station }: ServedApi, text: string) =>
  waitFor(`${text} is kept`, () => station.journal.latestEvents(1_000).find((event) => event.text === text));

describe('GET /api/events', () => {
  it('tells what happens, by its name, with its id and all of it', async () => {
    const api = await servedApi({ settings: { heartbeat_missing_secs: 5 } });
    const stream = await api.follow('/api/events');
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const id = api.beat('coder');
    await stream.next('the worker begins', ({ data }) => JSON.parse(data).workerId === id);
    const dead = await stream.next('the worker falls silent', ({ event }) => event === 'worker_dead');
    expect(loggedEvent.parse(JSON.parse(dead.data))).toMatchObject({ kind: 'dead', workerId: id, workerName: 'coder' });
    api.beat('coder');
    const recovered = await stream.next('it recovers', ({ event }) => event === 'worker_recovered');
    expect(Number(recovered.id)).toBeGreaterThan(Number(dead.id));
    for (const { id: name, data } of stream.messages) expect(JSON.parse(data).id).toBe(Number(name));
  });

  it('only what is kept is told: whoever heard it finds it after a crash', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/events');
    note(api, 'told', { more: [1] });
    const message = await stream.next('it is told', tells('told'));
    expect(api.station.journal.eventsAfter(Number(message.id) - 1, 1)).toMatchObject([
      { text: 'told', data: { more: [1] } },
    ]);
  });

  it('without a beginning: from now on; after=0: all there is; after=N: behind it', async () => {
    const api = await servedApi();
    note(api, 'one');
    note(api, 'two');
    const one = await keptText(api, 'one');
    await keptText(api, 'two');
    const streams = await Promise.all(
      ['', '?after=0', `?after=${one.id}`].map((query) => api.follow(`/api/events${query}`)),
    );
    note(api, 'three');
    for (const stream of streams) await stream.next('three', tells('three'));
    const noted = streams.map((stream) => textsOf(stream).filter((text) => ['one', 'two', 'three'].includes(text)));
    expect(noted).toEqual([['three'], ['one', 'two', 'three'], ['two', 'three']]);
  });

  it('Last-Event-ID goes on where the stream was lost: nothing twice, nothing missing', async () => {
    const api = await servedApi();
    const first = await api.follow('/api/events');
    note(api, 'before');
    const last = await first.next('before', tells('before'));
    first.close();
    for (const text of ['while', 'away']) note(api, text);
    await keptText(api, 'away');
    const second = await api.follow('/api/events?after=0', { 'last-event-id': String(last.id) });
    note(api, 'after');
    await second.next('after', tells('after'));
    expect(textsOf(second)).toEqual(['while', 'away', 'after']);
  });

  it('many streams begin while much happens: each gets every event once and in order', async () => {
    const api = await servedApi();
    const COUNT = 1_500;
    const streams: Promise<Followed>[] = [];
    for (let count = 1; count <= COUNT; count += 1) {
      note(api, `n${count}`);
      if (count % 300 === 0) streams.push(api.follow('/api/events?after=0'));
      if (count % 20 === 0) await new Promise((done) => setImmediate(done));
    }
    const all = await Promise.all(streams);
    expect(all).toHaveLength(5);
    for (const stream of all) {
      await stream.next('the last one', tells(`n${COUNT}`));
      const events = eventsOf(stream);
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ text }) => /^n\d/.test(text)).map(({ text }) => text)).toEqual(
        Array.from({ length: COUNT }, (_, index) => `n${index + 1}`),
      );
    }
  });

  it('?kinds= chooses by name, or by the beginning of names', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/events?kinds=config_changed,kill_*');
    note(api, 'not this');
    await api.ask('/api/idle/config', { method: 'PUT', body: { keepAwake: true } });
    await stream.next('config_changed', ({ event }) => event === 'config_changed');
    expect(stream.messages.map(({ event }) => event)).toEqual(['config_changed']);
    expect(await api.ask('/api/events?kinds=stalled')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'kinds names "stalled"; allowed are worker_found,'),
    });
  });

  it.each([['-1'], ['x'], ['1.5'], ['9'.repeat(16)]])('%s is the id of no event', async (given) => {
    const { ask } = await servedApi();
    const { status, json } = await ask('/api/events', { headers: { 'last-event-id': given } });
    const words = `Last-Event-ID is "${given}"; allowed is the id of an event, a whole number`;
    expect({ status, json }).toEqual({ status: 400, json: refusal('invalid', words) });
    const query = await ask(`/api/events?after=${given}`);
    expect(query).toMatchObject({
      status: 400,
      json: refusal('invalid', `query.after is "${given}"; allowed is the id`),
    });
  });

  it('an id that the log has not reached, since it was begun anew: all that comes from there on is told', async () => {
    const api = await servedApi();
    note(api, 'old');
    await keptText(api, 'old');
    const stream = await api.follow('/api/events', { 'last-event-id': '999999' });
    note(api, 'new');
    await stream.next('new', tells('new'));
    expect(textsOf(stream)).toEqual(['new']);
  });

  it('ends with the server', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/events');
    await api.door.close();
    await stream.ended();
  });
});
