import { z } from 'zod';
import { settingsOf } from './setting';

const setting = settingsOf('History');

export const history = {
  historyDays: setting(z.number().int().min(1).max(3_650).default(90), {
    title: 'History is kept for',
    description: 'Events and figures; figures are kept by the minute after a day and by 15 minutes after a week.',
    unit: 'days',
  }),
  historyMaxMB: setting(z.number().min(8).max(65_536).default(256), {
    title: 'Room for history',
    description: 'Over this the oldest goes first.',
    unit: 'MB',
  }),
};
