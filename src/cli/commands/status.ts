import type { Snapshot } from '../../shared/model';
import { SETTING_KEYS } from '../../shared/settings';
import { command, EXIT_NEEDS_PERSON, EXIT_WELL } from '../command';
import { DIRECTORY_OPTIONS, givenDirectories, refuseUnreadable, rootsFrom } from '../directories';
import { jsonText, statusJson } from '../json';
import { openMachine } from '../machine';
import { readOnce } from '../reading';
import { settingsInForce } from '../settings';
import { statusTable } from '../table';

export const status = command({
  name: 'status',
  summary: 'one reading of all workers',
  about: `One reading of all workers, as a table. Without a directory given: the directories in the settings, every workers
directory below $XDG_STATE_HOME/omk, ~/.moadim/workbenches, and the supervised runs.`,
  options: { ...DIRECTORY_OPTIONS, json: { help: 'One JSON object instead of the table.' } },
  settings: SETTING_KEYS,
  examples: {
    'idlewatch status': 'everything idlewatch watches, as a table',
    'idlewatch status --worker-dir ~/team --json | jq -r \'.workers[] | select(.state == "stalled") | .name\'':
      'the names of those that are stalled',
    'idlewatch status > /dev/null || echo "somebody needs you"': 'ask in a script',
  },
  exit: '0 nothing needs a person · 2 a worker is stalled or dead · 1 an error, told on standard error',
  async run(given, context) {
    const settings = settingsInForce(context.environment, given.settings, context);
    const directories = givenDirectories(given, context);
    const machine = openMachine(context);
    const { snapshot, runs } = await readOnce(machine, settings, rootsFrom(directories, settings, context));
    machine.close();
    refuseUnreadable(directories, snapshot);
    if (given.has('json')) context.out(jsonText(statusJson(snapshot, runs)));
    else {
      for (const { path, unreadable } of snapshot.roots) {
        if (unreadable !== null) context.warn(`${path}: ${unreadable}`);
      }
      context.out(statusTable(snapshot, context.look));
    }
    return needsPerson(snapshot) ? EXIT_NEEDS_PERSON : EXIT_WELL;
  },
});

function needsPerson(snapshot: Snapshot): boolean {
  return snapshot.workers.some((row) => row.needsPerson);
}
