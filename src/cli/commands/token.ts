import { stateFolder } from '../../host/state-folder';
import { openToken, tokenPath } from '../../host/token';
import { command, EXIT_WELL } from '../command';
import { jsonText } from '../json';

export const token = command({
  name: 'token',
  summary: 'the token of the local API, or a new one',
  about: `Prints the token with which programs on this machine ask the local API, and people sign in to the page. It is made
where there is none, and stands in a file that only you can read.`,
  options: {
    rotate: { help: 'Make a new one: the old one counts no more, at once, and every page is signed out.' },
    json: { help: 'One JSON object: the token and its file.' },
  },
  settings: [],
  examples: {
    'curl -H "Authorization: Bearer $(idlewatch token)" http://127.0.0.1:4747/api/snapshot': 'ask the API',
    'idlewatch token --rotate': 'somebody may have seen it',
  },
  exit: '0 well · 1 an error, told on standard error',
  async run(given, context) {
    const folder = stateFolder(context.environment, process.platform);
    const file = openToken(folder);
    const shown = given.has('rotate') ? file.rotate() : file.read();
    context.out(given.has('json') ? jsonText({ token: shown, file: tokenPath(folder) }) : `${shown}\n`);
    return EXIT_WELL;
  },
});
