import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { IdleItem } from '../../../engine/monitor-types';
import type { WorkerId } from '../../../shared/model';
import type { SettingError } from '../../../shared/settings';
import type { Station } from '../../station';
import { endWorker, planEnd } from '../ending';
import { invalid } from '../faults';
import { idleItem, killPlan, killReceipt, settingsPatch, settingsView } from '../schemas/acting';
import { errors, workerAddress } from '../schemas/answers';
import { withoutSecrets, withSecrets } from '../secrets';
import { endBody, endQuery } from './workers';

/** The settings may be as long as their file. */
const SETTINGS_MAX_BYTES = 1024 * 1024;

const timeoutSchema = {
  summary: 'End a session, or the worker of a task, for being idle',
  description: 'Now, whether it is idle or not. By the kill plan, as for any worker.',
  params: workerAddress,
  querystring: endQuery,
  body: endBody,
  response: { 200: z.union([killPlan, killReceipt]), ...errors },
};

const anyObject = z.record(z.string(), z.unknown());
const putConfigSchema = {
  summary: 'Change settings',
  description: 'Those that are named; null takes one away, so that its default holds. All of them, or none.',
  body: settingsPatch,
  response: { 200: settingsView, ...errors },
};

/** What is idle, and the settings. */
export function registerIdle(plain: FastifyInstance, station: Station): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { monitor } = station.engine;

  const sessionsSchema = {
    summary: 'Sessions that are idle or were ended for it',
    response: { 200: z.strictObject({ sessions: z.array(idleItem) }), ...errors },
  };
  app.get('/api/idle/sessions', { schema: sessionsSchema }, async () => ({
    sessions: monitor.idleItems().sessions.filter(isNotActive),
  }));

  const tasksSchema = {
    summary: 'Tasks that are idle or were ended for it',
    response: { 200: z.strictObject({ tasks: z.array(idleItem) }), ...errors },
  };
  app.get('/api/idle/tasks', { schema: tasksSchema }, async () => ({
    tasks: monitor.idleItems().tasks.filter(isNotActive),
  }));

  app.post('/api/idle/timeout/:id', { schema: timeoutSchema }, async ({ params, query, body }) =>
    query.dryRun === '1' ? planEnd(station, params.id) : timeOut(station, params.id, body?.acceptShared ?? false),
  );

  const getConfigSchema = { summary: 'The settings in force', response: { 200: settingsView, ...errors } };
  app.get('/api/idle/config', { schema: getConfigSchema }, async () => withoutSecrets(station.settings()));

  const putConfig = {
    schema: putConfigSchema,
    bodyLimit: SETTINGS_MAX_BYTES,
    // The settings say themselves what is wrong with them, as everywhere else.
    validatorCompiler: () => (value: unknown) => {
      const isObject = anyObject.safeParse(value).success;
      return isObject
        ? { value }
        : { error: invalid('the body is no object of settings; allowed is {"name": value, …}') };
    },
  };
  app.put('/api/idle/config', putConfig, async ({ body }) => {
    const patch = withSecrets(body, station.settings().settings);
    const answer = await station.invoke('settings.set', [patch], 'api');
    if (!answer.ok) throw invalid(answer.errors.map(wordsOf).join('; '));
    return withoutSecrets(answer.view);
  });
}

async function timeOut(station: Station, id: WorkerId, acceptShared: boolean) {
  const { sessions, tasks } = station.engine.monitor.idleItems();
  const isListed = [...sessions, ...tasks].some(({ workerId }) => workerId === id);
  const receipt = await endWorker(station, id, acceptShared);
  if (receipt.ended && isListed) station.engine.monitor.noteTimedOut(id, 'Ended through the API');
  return receipt;
}

function isNotActive({ status }: IdleItem): boolean {
  return status !== 'active';
}

/** Where it came from is clear here. */
function wordsOf({ from, message }: SettingError): string {
  return message.startsWith(`${from}: `) ? message.slice(from.length + 2) : message;
}
