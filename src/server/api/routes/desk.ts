import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  type CommandArgs,
  type CommandResult,
  commands,
  type DeskCommand,
  type Reply,
  type SettingsView,
  SHELL_COMMANDS,
  type StreamEvents,
  VIEW_COMMANDS,
} from '../../../shared/ipc';
import type { Delta } from '../../../shared/model';
import { show } from '../../../shared/setting-words';
import type { DeskView } from '../../desk';
import type { Station } from '../../station';
import { ApiError, unknown } from '../errors';
import { argumentFault, invalid } from '../faults';
import { done, errors } from '../schemas/answers';
import { withoutSecrets, withSecrets } from '../secrets';
import type { Streams } from '../streams';

/** Settings, or what a window shows. */
const BODY_MAX_BYTES = 1024 * 1024;

const NOT_OURS: readonly string[] = [...SHELL_COMMANDS, ...VIEW_COMMANDS];
const DESK_COMMANDS = Object.keys(commands).filter((name): name is DeskCommand => !NOT_OURS.includes(name));

const commandSchema = {
  summary: 'What a shell of idlewatch asks for',
  description: 'The arguments of the command as a JSON array. For idlewatch itself: other versions may differ.',
  params: z.strictObject({ command: z.string().describe(`one of ${DESK_COMMANDS.join(', ')}`) }),
  headers: z.looseObject({ 'x-idlewatch-asked-by': z.enum(['window', 'tray', 'cli']).optional() }),
  body: z.array(z.unknown()).max(10).describe('a list of arguments'),
  response: {
    200: z.union([
      z.strictObject({ ok: z.literal(true), value: z.unknown() }),
      z.strictObject({ ok: z.literal(false), message: z.string() }),
    ]),
    ...errors,
  },
};
const [focus] = commands['view.focus'].args.def.items;
const focusSchema = {
  summary: 'What the viewer of a stream looks at',
  body: z.strictObject({ viewer: z.string().max(100), focus }),
  response: { 200: done, ...errors },
};
const streamSchema = {
  summary: 'One picture of everything, and what changes in it (SSE)',
  description:
    'First `open`, then `delta`, `settings`, `event`, `tell`. For idlewatch itself: other versions may differ.',
  response: { 200: { content: { 'text/event-stream': { schema: z.unknown() } } }, ...errors },
};

/** The engine for shells in other processes and for the page: the same contract as the window has. */
export function registerDesk(plain: FastifyInstance, station: Station, streams: Streams): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const views = new Map<string, DeskView>();
  // A picture before the first reading shows nobody, which reads as if there were none.
  const hasRead = () => station.engine.monitor.firstReading();

  app.get(
    '/api/desk/stream',
    { schema: streamSchema, config: { isStream: true }, preHandler: hasRead },
    (_request, reply) => {
      const stream = streams.open(reply);
      const send = <E extends keyof StreamEvents>(event: E, data: StreamEvents[E]) => stream.send(event, data);
      const view = station.view((delta: Delta) => send('delta', delta));
      const viewer = randomUUID();
      views.set(viewer, view);
      send('open', { viewer, snapshot: view.open(), settings: withoutSecrets(station.settings()) });
      const stopListening = station.listen({
        settings: (settings) => send('settings', withoutSecrets(settings)),
        event: (event) => send('event', event),
        tell: (message) => send('tell', message),
      });
      stream.onClose(() => {
        stopListening();
        view.rest();
        views.delete(viewer);
      });
    },
  );

  app.post('/api/desk/focus', { schema: focusSchema, bodyLimit: BODY_MAX_BYTES }, async ({ body }) => {
    const view = views.get(body.viewer);
    if (!view) throw unknown(`there is no stream of the viewer ${body.viewer} now`);
    view.focus(body.focus);
    return { ok: true as const };
  });

  app.post('/api/desk/:command', { schema: commandSchema, bodyLimit: BODY_MAX_BYTES }, async (request) => {
    const command = named(request.params.command);
    const args = argumentsOf(station, command, request.body);
    const askedBy = request.headers['x-idlewatch-asked-by'] ?? 'api';
    return await replyOf(async () => shown(await station.invoke(command, args, askedBy)));
  });
}

/** To other versions of idlewatch it is as if there were no such address. */
function named(command: string): DeskCommand {
  const found = DESK_COMMANDS.find((name) => name === command);
  if (found) return found;
  const words = `there is no command ${show(command)}; known are ${DESK_COMMANDS.join(', ')}`;
  throw new ApiError(404, 'not_found', words);
}

function argumentsOf<C extends DeskCommand>(station: Station, command: C, given: unknown[]): CommandArgs<C> {
  const { args } = commands[command];
  const parsed = args.safeParse(given);
  if (!parsed.success) throw invalid(argumentFault(command, args, given, parsed.error));
  const [patch] = parsed.data;
  const takesSettings = command === 'settings.set' || command === 'policy.backtest';
  const meant = takesSettings
    ? [withSecrets(patch as CommandArgs<'settings.set'>[0], station.settings().settings)]
    : parsed.data;
  return meant as CommandArgs<C>;
}

/** As the window's own process answers: what was refused on the way is said in words. */
async function replyOf(run: () => Promise<unknown>): Promise<Reply<unknown>> {
  try {
    return { ok: true, value: (await run()) ?? null };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

/** Settings go out without passwords, in whichever answer they stand. */
function shown(value: CommandResult<DeskCommand>): unknown {
  if (isSettings(value)) return withoutSecrets(value);
  return typeof value === 'object' && value !== null && 'view' in value && isSettings(value.view)
    ? { ...value, view: withoutSecrets(value.view) }
    : value;
}

function isSettings(value: unknown): value is SettingsView {
  return typeof value === 'object' && value !== null && 'settings' in value && 'pinned' in value;
}
