import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { Answer } from '../shared/ipc';
import type { Roots } from './roots';
import type { SettingsStore } from './settings-store';

const DIALOG: OpenDialogOptions = {
  title: 'Add a directory of workers',
  message: 'A state directory with workers/, a directory of worker directories, or one worker directory',
  buttonLabel: 'Watch',
  properties: ['openDirectory', 'showHiddenFiles'],
};

/** Ask for a directory, keep it in the settings and watch it, also while options say where to look. */
export async function addDirectory(window: BrowserWindow, settings: SettingsStore, roots: Roots): Promise<Answer> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, DIALOG);
  const [directory] = filePaths;
  if (canceled || !directory) return { ok: true }; // The person thought better of it: nothing to tell.
  const workerDirs = [...new Set([...settings.directoriesInFile(), directory])];
  const answer = settings.set({ workerDirs });
  if (!answer.ok) return { ok: false, reason: answer.errors.map((error) => error.message).join('; ') };
  if (!roots.list()['worker-directory']?.includes(directory)) roots.add(directory);
  return { ok: true };
}
