import { z } from 'zod';
import { ms, secs } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Silence');

export const silence = {
  heartbeat_missing_secs: setting(secs(30), {
    title: 'Heartbeat missing after',
    description: 'A worker without any sign of life for this long is stalled (process alive) or dead.',
    unit: 's',
  }),
  heartbeat_stale_secs: setting(secs(60), {
    title: 'Heartbeat stale after',
    description: 'A busy worker without progress for this long is stalled.',
    unit: 's',
  }),
  command_timeout_secs: setting(secs(300), {
    title: 'Command timeout',
    description: 'A command known to run may be silent for this long.',
    unit: 's',
  }),
  session_stale_secs: setting(secs(300), {
    title: 'Session stale after',
    description: 'A session of an agent program that is busy without anything happening for this long is stalled.',
    unit: 's',
  }),
  sessionMaxRunMinutes: setting(z.number().min(1).max(525_600).nullable().default(null), {
    title: 'Session run time',
    description: 'A session that has been busy for longer in all is stalled. Empty: as long as it likes.',
    unit: 'min',
  }),
  workbenchMaxRuntimeSecs: setting(secs(3_600, 3_600), {
    title: 'Workbench run time',
    description: 'A workbench that has been running for longer is stalled. A routine’s own limit can only shorten it.',
    unit: 's',
  }),
  startupGraceMs: setting(ms(30_000), {
    title: 'Startup grace',
    description: 'A new worker may take this long to its first heartbeat.',
    unit: 'ms',
  }),
  wakeGraceMs: setting(ms(30_000), {
    title: 'Wake-up grace',
    description: 'Verdicts hold for this long after the machine slept or the clock jumped.',
    unit: 'ms',
  }),
  clockSkewToleranceMs: setting(ms(5_000, 0, 3_600_000), {
    title: 'Clock skew tolerated',
    description: 'A timestamp further in the future than this is not believed; the file’s own time is used.',
    unit: 'ms',
  }),
  requestSilenceMs: setting(ms(120_000, 1_000), {
    title: 'Open model request',
    description: 'An open model request younger than this holds off a verdict of silence.',
    unit: 'ms',
  }),
};
