import { type IpcMainInvokeEvent, ipcMain, type WebFrameMain } from 'electron';
import { COMMAND_CHANNEL } from '../shared/channels';
import { type CommandArgs, type CommandName, type CommandResult, commands, type Reply } from '../shared/ipc';

/** One function for each command of the contract: a missing one does not compile. */
export type Handlers = {
  [C in CommandName]: (...args: CommandArgs<C>) => CommandResult<C> | Promise<CommandResult<C>>;
};

/**
 * The one door for everything the window asks: checks who asks and with what, and answers errors in words.
 * `isOurs` says whether a frame is our page in our window.
 */
export function serveCommands(handlers: Handlers, isOurs: (frame: WebFrameMain | null) => boolean): void {
  ipcMain.handle(COMMAND_CHANNEL, async (event: IpcMainInvokeEvent, ...message: unknown[]): Promise<Reply<unknown>> => {
    if (!isOurs(event.senderFrame)) return refuse('only idlewatch’s own window may ask this');
    try {
      return await answer(handlers, message);
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  });
}

async function answer(handlers: Handlers, [name, ...args]: unknown[]): Promise<Reply<unknown>> {
  if (!isCommand(name)) return refuse(`there is no command ${JSON.stringify(name)?.slice(0, 80)}`);
  const checked = commands[name].args.safeParse(args);
  if (!checked.success) return refuse(`wrong arguments for ${name}: ${checked.error.issues[0]?.message}`);
  const handler = handlers[name] as (...args: unknown[]) => unknown;
  return { ok: true, value: await handler(...checked.data) };
}

function isCommand(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(commands, name);
}

function refuse(message: string): Reply<never> {
  return { ok: false, message };
}
