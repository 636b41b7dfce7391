import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { Desk } from '../server/desk';
import type { Answer } from '../shared/ipc';

const DIALOG: OpenDialogOptions = {
  title: 'Add a directory of workers',
  message: 'A state directory with workers/, a directory of worker directories, or one worker directory',
  buttonLabel: 'Watch',
  properties: ['openDirectory', 'showHiddenFiles'],
};

/** Ask for a directory and have it watched. */
export async function askForDirectory(window: BrowserWindow | null, desk: Desk): Promise<Answer> {
  if (!window) return { ok: false, reason: 'There is no window.' };
  const { canceled, filePaths } = await dialog.showOpenDialog(window, DIALOG);
  const [directory] = filePaths;
  if (canceled || !directory) return { ok: true }; // The person thought better of it: nothing to tell.
  return await desk.invoke('directory.add', [directory], 'window');
}
