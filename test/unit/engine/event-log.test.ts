import { expect, it } from 'vitest';
import { EventLog } from '../../../src/engine/event-log';
import { EVENTS_KEPT, type MonitorEvent, ROUTINE_EVENTS_KEPT } from '../../../src/shared/model';
import { SteppedClock } from '../../fakes/stepped-clock';

function made() {
  const clock = new SteppedClock({ wallStartMs: 1_000 });
  const published: MonitorEvent[] = [];
  return { clock, published, log: new EventLog(clock, (event) => published.push(event), 0) };
}

it('keeps the newest first and no more than it should, and publishes each once with its own number', () => {
  const { clock, published, log } = made();
  for (let n = 1; n <= EVENTS_KEPT + 50; n += 1) {
    log.add('idle', null, `event ${n}`);
    clock.step(10);
  }
  expect(log.recent).toHaveLength(EVENTS_KEPT);
  expect(log.recent[0]).toEqual({
    id: EVENTS_KEPT + 50,
    at: 1_000 + (EVENTS_KEPT + 49) * 10,
    kind: 'idle',
    workerId: null,
    workerName: null,
    text: `event ${EVENTS_KEPT + 50}`,
  });
  expect(log.recent.at(-1)?.id).toBe(51);
  expect(published.map(({ id }) => id)).toEqual(Array.from({ length: EVENTS_KEPT + 50 }, (_, at) => at + 1));
});

it('work that begins and ends all day pushes out nothing that matters', () => {
  const { log } = made();
  log.add('stalled', null, 'no sign of life');
  for (let n = 0; n < EVENTS_KEPT + 50; n += 1) log.add(n % 2 ? 'busy' : 'ready', null, `${n}`);
  expect(log.recent).toHaveLength(ROUTINE_EVENTS_KEPT + 1);
  expect(log.recent.at(-1)?.kind).toBe('stalled');
});

it('a picture taken before does not change', () => {
  const { log } = made();
  log.add('idle', null, 'one');
  const before = log.recent;
  log.add('running', null, 'two');
  expect(before.map(({ text }) => text)).toEqual(['one']);
});

it('listeners hear each event once until they leave', () => {
  const { log } = made();
  const heard: string[] = [];
  const leave = log.listen(({ text }) => heard.push(text));
  log.listen(({ text }) => heard.push(`too: ${text}`));
  log.add('idle', null, 'one');
  leave();
  log.add('running', null, 'two');
  expect(heard).toEqual(['one', 'too: one', 'too: two']);
});
