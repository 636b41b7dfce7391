import { benchGateway } from './gateway';
import { benchWatching } from './watching';

/** `npm run bench [-- N…] [--seconds S]`, `npm run bench -- gateway [--seconds S] [--clients N]`. */
const args = process.argv.slice(2);

/** Take an option and its number out of the arguments. */
function take(name: string, usual: number): number {
  const at = args.indexOf(name);
  return at >= 0 ? Number(args.splice(at, 2)[1]) : usual;
}

const seconds = take('--seconds', 60);
const clients = take('--clients', 20);
if (args[0] === 'gateway') await benchGateway({ seconds, clients });
else await benchWatching({ seconds, sizes: args.length ? args.map(Number) : [100, 1_000, 10_000] });
