import { command, EXIT_WELL } from '../command';
import { DIRECTORY_OPTIONS } from '../directories';
import { lookingOf } from '../looking';
import { pictures } from '../pictures';
import { createWatchLines } from '../watch-lines';

export const watch = command({
  name: 'watch',
  summary: 'every change of the workers, as JSON lines',
  about: `Prints one line of JSON with all workers, then one for each change, until it is interrupted or nobody reads any
more. Where the app or idlewatch serve runs, it tells; else this command looks by itself, and writes nothing.`,
  options: DIRECTORY_OPTIONS,
  settings: [],
  examples: {
    'idlewatch watch | jq --unbuffered -r \'select(.type == "overall") | .sentence\'':
      'the whole in a sentence, as it changes',
    "idlewatch watch | jq --unbuffered -c 'select(.worker.needsPerson) | .worker | {name, reason}'":
      'who begins to need somebody',
    'idlewatch watch --worker-dir ~/team': 'the workers of one directory alone',
  },
  exit: '0 nobody reads any more · 130 Ctrl-C · 1 an error, told on standard error',
  run(given, context) {
    const looking = lookingOf(given, context);
    const linesOf = createWatchLines();
    return context.untilEnded(async (signal) => {
      for await (const picture of pictures(looking, signal)) {
        for (const line of linesOf(picture)) context.out(line);
        await context.taken(signal);
      }
      return EXIT_WELL;
    });
  },
});
