import { z } from 'zod';
import { settingsOf } from './setting';

const setting = settingsOf('Cleaning up');

export const cleaningUp = {
  workbenchTtlSecs: setting(z.number().min(0).max(3_600).default(3_600), {
    title: 'Finished workbenches are kept for',
    description: 'After this a finished workbench may be removed. A routine’s own value can only shorten it.',
    unit: 's',
  }),
  runTtlSecs: setting(z.number().min(0).max(31_536_000).default(86_400), {
    title: 'Finished runs are kept for',
    description: 'After this the directory of a finished supervised run may be removed.',
    unit: 's',
  }),
  reapAutomatically: setting(z.boolean().default(false), {
    title: 'Remove what is finished by itself',
    description: 'Once an hour; otherwise only when asked.',
  }),
  leftoversMaxMB: setting(z.number().min(1).max(16_777_216).nullable().default(null), {
    title: 'Finished ones may take up',
    description: 'Over this the oldest finished go before their time. Empty: no limit.',
    unit: 'MB',
  }),
};
