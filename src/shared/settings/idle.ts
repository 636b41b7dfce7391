import { z } from 'zod';
import { SOURCE_KINDS } from '../model';
import { minutes, ms, secs } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Idle');

export const idle = {
  INITIAL_IDLE_TIMEOUT_MS: setting(ms(30_000, 100), {
    title: 'Idle timeout at the start',
    description: 'Silence after which the whole counts as idle, before traffic has moved it.',
    unit: 'ms',
  }),
  MIN_IDLE_TIMEOUT_MS: setting(ms(10_000, 100), {
    title: 'Shortest idle timeout',
    description: 'Sparse traffic shortens the idle timeout down to this.',
    unit: 'ms',
  }),
  MAX_IDLE_TIMEOUT_MS: setting(ms(120_000, 100), {
    title: 'Longest idle timeout',
    description: 'Dense traffic lengthens the idle timeout up to this.',
    unit: 'ms',
  }),
  EWMA_DECAY: setting(z.number().gt(0).lt(1).default(0.85), {
    title: 'Traffic rate decay',
    description: 'Weight of the past in the traffic rate, for each event: 0.85 keeps 85 %.',
  }),
  IDLE_CHECK_INTERVAL_MS: setting(ms(5_000, 100, 600_000), {
    title: 'Idle check interval',
    description: 'How often the idle manager is asked and memory is read.',
    unit: 'ms',
  }),
  IDLE_MEMORY_THRESHOLD_MB: setting(z.number().min(1).max(16_777_216).nullable().default(null), {
    title: 'Workers’ memory threshold',
    description: 'While the workers together hold more than this, the whole is not idle. Empty: no threshold.',
    unit: 'MB',
  }),
  IDLE_SESSION_TIMEOUT_MINUTES: setting(minutes(60), {
    title: 'Session idle after',
    description: 'A session without activity for this long is idle.',
    unit: 'min',
  }),
  IDLE_TASK_TIMEOUT_MINUTES: setting(minutes(120), {
    title: 'Task idle after',
    description: 'A task without activity for this long is idle, and stuck where it is in an intermediate state.',
    unit: 'min',
  }),
  idleTimeoutMinutesByKind: setting(z.partialRecord(z.enum(SOURCE_KINDS), z.number().min(1).max(525_600)).default({}), {
    title: 'Idle after, by kind',
    description: 'For single kinds, in place of the two above.',
    unit: 'min',
  }),
  IDLE_CHECK_INTERVAL_SECONDS: setting(secs(30, 3_600), {
    title: 'Idle sessions looked for every',
    description: 'How often sessions and tasks are gone through for idle ones.',
    unit: 's',
  }),
  IDLE_AUTO_TIMEOUT_ENABLED: setting(z.boolean().default(false), {
    title: 'End idle sessions by itself',
    description: 'Idle sessions of a kind that is set to be ended are ended like stalled ones.',
  }),
  MEMORY_GROWTH_WINDOW_MS: setting(ms(60_000, 1_000), {
    title: 'Memory growth window',
    description: 'The workers’ memory counts as growing when it grew by more than 10 % and 16 MB within this.',
    unit: 'ms',
  }),
  memoryPressurePercent: setting(z.number().min(1).max(100).default(90), {
    title: 'Memory pressure',
    description: 'While the machine uses more of its memory than this, the whole is not idle.',
    unit: '%',
  }),
};
