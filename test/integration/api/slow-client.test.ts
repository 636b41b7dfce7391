import { connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../src/engine/ports';
import { createClock } from '../../../src/host/clock';
import { answerErrors } from '../../../src/server/api/errors';
import { validatorCompiler } from '../../../src/server/api/faults';
import { registerEvents } from '../../../src/server/api/routes/events';
import { BEAT_MS, createStreams, WAITING_MAX_BYTES } from '../../../src/server/api/streams';
import type { LoggedEvent } from '../../../src/shared/model';
import { type MemoryJournal, memoryJournal } from '../../fakes/memory-journal';
import { SteppedClock } from '../../fakes/stepped-clock';
import { servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const EVENT_BYTES = 100_000;
const turn = () => new Promise((done) => setImmediate(done));

/** The events of a journal in memory, over real sockets. */
async function eventsOver(journal: MemoryJournal, clock: Clock = createClock()) {
  const app: FastifyInstance = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  answerErrors(app, { warn: (message) => expect.unreachable(message) });
  const streams = createStreams(clock);
  registerEvents(app, journal, streams);
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    streams.closeAll();
    await app.close();
  });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { streams, client: (path: string) => openClient(port, path) };
}

/** A client that has asked; it reads nothing before it is resumed. */
async function openClient(
  port: number,
  path: string,
): Promise<{ socket: Socket; isClosed(): boolean; received(): number }> {
  const socket = connect(port, '127.0.0.1');
  let closed = false;
  let received = 0;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((done) => socket.once('connect', done));
  socket.on('data', (piece) => {
    received += piece.length;
  });
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  return { socket, isClosed: () => closed, received: () => received };
}

let nextId = 1;
function eventOf(bytes = EVENT_BYTES): LoggedEvent {
  const id = nextId++;
  return { id, at: 0, kind: 'notice', workerId: null, workerName: null, text: 'x'.repeat(bytes) };
}

const happen = (journal: MemoryJournal): void => journal.event(eventOf());

describe('a client that does not read', () => {
  it('is dropped, and what waits for it is bounded', async () => {
    const journal = memoryJournal();
    const { streams, client } = await eventsOver(journal);
    await client('/api/events');
    const quick = await client('/api/events');
    quick.socket.resume();
    await waitFor('both are there', () => streams.count() === 2);
    const before = process.memoryUsage().rss;
    let happened = 0;
    // What the system itself holds for a connection, some MB, comes first.
    await waitFor('the slow one is dropped', async () => {
      for (let count = 0; count < 10; count += 1) {
        happen(journal);
        journal.kept.length = 0;
        happened += 1;
        await turn();
      }
      return streams.count() === 1;
    });
    for (let count = 0; count < 2_000; count += 1) {
      happen(journal);
      journal.kept.length = 0;
      happened += 1;
      await turn();
    }
    await waitFor('the quick one has it all', () => quick.received() > happened * EVENT_BYTES);
    expect(quick.isClosed()).toBe(false);
    const grown = process.memoryUsage().rss - before;
    expect(grown).toBeLessThan(100 * WAITING_MAX_BYTES);
    expect(happened * EVENT_BYTES).toBeGreaterThan(150 * WAITING_MAX_BYTES);
  });

  it('is waited for while it is told what was kept, and then goes on', async () => {
    const journal = memoryJournal();
    const { streams, client } = await eventsOver(journal);
    for (let count = 0; count < 300; count += 1) happen(journal);
    const slow = await client('/api/events?after=0');
    await waitFor('it is there', () => streams.count() === 1);
    for (let count = 0; count < 50; count += 1) await turn();
    slow.socket.resume();
    await waitFor('it has it all', () => slow.received() > 300 * EVENT_BYTES);
    expect(slow.isClosed()).toBe(false);
    happen(journal);
    await waitFor('it goes on', () => slow.received() > 301 * EVENT_BYTES);
  });

  it('is dropped after a minute of taking nothing, though little waits', async () => {
    const clock = new SteppedClock();
    const journal = memoryJournal();
    const { streams, client } = await eventsOver(journal, clock);
    for (let count = 0; count < 300; count += 1) happen(journal);
    const slow = await client('/api/events?after=0');
    await waitFor('it is there', () => streams.count() === 1);
    await waitFor('it has stopped taking', async () => {
      for (let count = 0; count < 20; count += 1) await turn();
      return true;
    });
    clock.step(3 * BEAT_MS);
    expect(streams.count()).toBe(1);
    clock.step(2 * BEAT_MS);
    expect(streams.count()).toBe(0);
    slow.socket.resume();
    await waitFor('it learns of it', slow.isClosed);
  });

  it('is dropped by the desk too, which comes to nothing more than a new picture', async () => {
    const api = await servedApi();
    const open = await api.follow('/api/desk/stream');
    await open.next('open', ({ event }) => event === 'open');
    const socket = connect(api.door.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      `GET /api/desk/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.token.read()}\r\n\r\n`,
    );
    const streams = async () => /idlewatch_api_streams (\d+)/.exec((await api.ask('/metrics')).text)?.[1];
    await waitFor('both are there', async () => (await streams()) === '2');
    await waitFor('the slow one is dropped', async () => {
      for (let count = 0; count < 20; count += 1) {
        api.station.engine.monitor.noteEvent('notice', null, 'much', 'x'.repeat(EVENT_BYTES));
        await turn();
      }
      return (await streams()) === '1';
    });
    const again = await api.follow('/api/desk/stream');
    await again.next('a new picture', ({ event }) => event === 'open');
  });
});

describe('a quiet stream', () => {
  it('says every 15 s that it is there', async () => {
    const clock = new SteppedClock();
    const { streams, client } = await eventsOver(memoryJournal(), clock);
    const reader = await client('/api/events');
    let text = '';
    reader.socket.on('data', (piece) => {
      text += piece;
    });
    reader.socket.resume();
    await waitFor('it is there', () => streams.count() === 1 && /\r\n:\n\n/.test(text));
    const beats = () => text.split(':\n\n').length - 1;
    clock.step(BEAT_MS - 1);
    clock.step(1);
    await waitFor('one comment more', () => beats() === 2);
    clock.step(2 * BEAT_MS);
    await waitFor('two more', () => beats() === 4);
  });

  it('leaves no timer once it has ended', async () => {
    const clock = new SteppedClock();
    const { streams, client } = await eventsOver(memoryJournal(), clock);
    const reader = await client('/api/events');
    await waitFor('it is there', () => streams.count() === 1);
    expect(clock.timerCount).toBe(1);
    reader.socket.destroy();
    await waitFor('it is gone', () => streams.count() === 0);
    expect(clock.timerCount).toBe(0);
  });

  it('is refused where there are too many, with when to ask again', async () => {
    const { streams, client } = await eventsOver(memoryJournal());
    for (let count = 0; count < 256; count += 1) await client('/api/events');
    await waitFor('as many as there may be', () => streams.count() === 256);
    const one = await client('/api/events');
    let text = '';
    one.socket.on('data', (piece) => {
      text += piece;
    });
    one.socket.resume();
    await waitFor('the answer', () => text.includes('256 streams are open'));
    expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 5\r\n/);
    expect(streams.count()).toBe(256);
  });
});

describe('a journal that tells of events after they can be read', () => {
  it('makes none of them come twice', async () => {
    const journal = memoryJournal();
    const { streams, client } = await eventsOver(journal);
    const [early, late] = [eventOf(10), eventOf(10)];
    journal.kept.push(early);
    const reader = await client('/api/events?after=0');
    let text = '';
    reader.socket.on('data', (piece) => {
      text += piece;
    });
    reader.socket.resume();
    await waitFor('what was kept', () => streams.count() === 1 && text.includes(`id: ${early.id}\n`));
    for (let count = 0; count < 10; count += 1) await turn();
    journal.kept.push(late);
    journal.tell([early, late]);
    await waitFor('what came then', () => text.includes(`id: ${late.id}\n`));
    expect(text.match(/^id: \d+$/gm)).toEqual([`id: ${early.id}`, `id: ${late.id}`]);
  });
});

describe('a journal that cannot be read', () => {
  it('is said before the stream begins, and ends one that is under way', async () => {
    const journal = memoryJournal();
    const { streams, client } = await eventsOver(journal);
    for (let count = 0; count < 300; count += 1) happen(journal);
    const slow = await client('/api/events?after=0');
    await waitFor('it is there', () => streams.count() === 1);
    journal.failing = 'the disk is on fire';
    slow.socket.resume();
    await waitFor('the stream ends', slow.isClosed);
    const other = await client('/api/events?after=0');
    let text = '';
    other.socket.on('data', (piece) => {
      text += piece;
    });
    other.socket.resume();
    await waitFor('the answer', () => text.includes('the disk is on fire'));
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
  });
});
