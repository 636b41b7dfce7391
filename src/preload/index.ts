import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { COMMAND_CHANNEL, PUSH_NAMES, pushChannel } from '../shared/channels';
import type { Bridge, CommandArgs, CommandName, CommandResult, Pushes, PushName, Reply } from '../shared/ipc';

async function invoke<C extends CommandName>(name: C, ...args: CommandArgs<C>): Promise<CommandResult<C>> {
  const reply: Reply<CommandResult<C>> = await ipcRenderer.invoke(COMMAND_CHANNEL, name, ...args);
  if (!reply.ok) throw new Error(reply.message);
  return reply.value;
}

function on<P extends PushName>(name: P, listener: (payload: Pushes[P]) => void): () => void {
  if (!PUSH_NAMES.includes(name)) throw new Error(`there is no push ${String(name)}`);
  const receive = (_event: IpcRendererEvent, payload: Pushes[P]) => listener(payload);
  ipcRenderer.on(pushChannel(name), receive);
  return () => {
    ipcRenderer.off(pushChannel(name), receive);
  };
}

const bridge: Bridge = { invoke, on, shell: 'app', platform: process.platform };
contextBridge.exposeInMainWorld('idlewatch', bridge);
