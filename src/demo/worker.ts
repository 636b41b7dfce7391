import { tmpdir } from 'node:os';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Agent } from './agent';
import { BEHAVIOUR_NAMES, BEHAVIOURS, type BehaviourName, isBehaviourName } from './behaviours';
import { whenStarterEnds } from './lifeline';
import { startScene } from './scene';
import { beStubbornChild, ignoreSigterm, startStubbornChildren } from './stubborn';
import { WorkerFiles } from './worker-files';

/*
 * Demo workers: real processes that write real files, as other people's agents do. A program of its own: nothing of
 * idlewatch imports it, and it imports nothing of idlewatch, so that it shows what anyone can write.
 */

const HELP = `Usage: node out/demo/index.js scene [--directory PARENT] [--speed N] [--json]
       node out/demo/index.js worker --behaviour NAME --directory PATH [--speed N]

scene    one worker of every behaviour, until Ctrl-C; in a new directory below PARENT (the system's temporary one)
worker   one worker whose files are in PATH

--speed N              N times as fast as life, 0.1 to 1000
--until-stdin-closes   end when standard input closes, which is when the program that started this one ends
--json                 say where the scene is as one line of JSON

Behaviours:
${BEHAVIOUR_NAMES.map((name) => `  ${name.padEnd(12)} ${BEHAVIOURS[name].about}`).join('\n')}
`;

const OPTIONS = {
  behaviour: { type: 'string' },
  directory: { type: 'string' },
  speed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  'until-stdin-closes': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** A mistake of the caller's: told in one line, exit 1. */
class UsageError extends Error {}

function main(): void {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const untilStdinCloses = values['until-stdin-closes'];
  const [command] = positionals;
  if (values.help) process.stdout.write(HELP);
  else if (command === 'scene')
    runScene(values.directory ?? tmpdir(), speedOf(values.speed), values.json, untilStdinCloses);
  else if (command === 'worker') {
    if (untilStdinCloses) whenStarterEnds(() => process.exit(0));
    runWorker(behaviourOf(values.behaviour), directoryOf(values.directory), speedOf(values.speed));
  } else if (command === 'child') {
    if (untilStdinCloses) whenStarterEnds(() => process.exit(0));
    beStubbornChild();
  } else throw new UsageError(`${command ?? 'no command'}: allowed is scene or worker; --help tells more`);
}

function runWorker(name: BehaviourName, directory: string, speed: number): void {
  if (name === 'stubborn') ignoreSigterm();
  const files = new WorkerFiles(directory, basename(directory), BEHAVIOURS[name].role);
  const family = name === 'stubborn' ? startStubbornChildren(directory) : Promise.resolve();
  family
    .then(() => BEHAVIOURS[name].live(new Agent(files, speed)))
    .then(
      () => process.exit(0),
      (error: Error) => {
        files.log(`fatal: ${error.stack}`);
        process.exit(1);
      },
    );
}

function runScene(parentDirectory: string, speed: number, json: boolean, untilStdinCloses: boolean): void {
  const scene = startScene(resolve(parentDirectory), speed);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    scene.stop().then(
      () => process.exit(0),
      (error: Error) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  if (untilStdinCloses) whenStarterEnds(end);
  process.stdout.write(json ? `${JSON.stringify({ directory: scene.directory })}\n` : welcome(scene.directory));
}

function welcome(directory: string): string {
  const workers = BEHAVIOUR_NAMES.map((name) => `  ${name.padEnd(12)} ${BEHAVIOURS[name].about}`);
  return `Demo workers are running in ${directory}
${workers.join('\n')}

Watch them:  npm start -- --worker-dir ${directory}
Ctrl-C ends them and removes the directory.
`;
}

function behaviourOf(text: string | undefined): BehaviourName {
  if (text !== undefined && isBehaviourName(text)) return text;
  throw new UsageError(`--behaviour is ${text ?? 'missing'}; allowed is ${BEHAVIOUR_NAMES.join(', ')}`);
}

function directoryOf(text: string | undefined): string {
  if (!text) throw new UsageError('--directory is missing; give the path of the worker directory');
  return resolve(text);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && speed >= 0.1 && speed <= 1_000) return speed;
  throw new UsageError(`--speed is ${text}; allowed is a number from 0.1 to 1000`);
}

function fail(error: Error): void {
  process.stderr.write(`idlewatch demo: ${error.message}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error as Error);
}
