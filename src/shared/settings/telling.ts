import { z } from 'zod';
import { SOURCE_KINDS } from '../model';
import { ms } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Telling');

export const telling = {
  notifyStalled: setting(z.boolean().default(true), {
    title: 'Notify when a worker stalls or dies',
    description: 'One notification for each transition; clicking it shows the worker.',
  }),
  notifyWaiting: setting(z.boolean().default(true), {
    title: 'Notify when a worker waits for you',
    description: 'With what it asks, where that is known.',
  }),
  notifyFinished: setting(z.boolean().default(true), {
    title: 'Notify when a run has finished',
    description: 'A supervised run, a workbench or a session’s work has ended, and how.',
  }),
  notifyAllIdle: setting(z.boolean().default(true), {
    title: 'Notify when everything is idle',
    description: 'One notification when all work has ended after having been busy.',
  }),
  announceAfterMs: setting(ms(2_000, 0, 3_600_000), {
    title: 'Announced after',
    description: 'A state must hold for this long before a notification tells of it.',
    unit: 'ms',
  }),
  announceAgainAfterMs: setting(ms(3_600_000), {
    title: 'Announced again after',
    description: 'Within this time it is told once of a worker that it needs you, and once that its work has ended.',
    unit: 'ms',
  }),
  mutedSources: setting(z.array(z.enum(SOURCE_KINDS)).max(SOURCE_KINDS.length).default([]), {
    title: 'Muted kinds',
    description: 'Of workers of these kinds no notification tells.',
    list: { of: 'kinds', separator: ',' },
  }),
  quietHours: setting(
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)
      .describe('two times of day such as 22:00-07:00')
      .nullable()
      .default(null),
    {
      title: 'Quiet hours',
      description: 'No notification between these times of day, such as 22:00-07:00. Empty: none.',
    },
  ),
  keepAwake: setting(z.boolean().default(false), {
    title: 'Keep the machine awake',
    description: 'While any worker is busy the machine does not go to sleep by itself.',
  }),
};
