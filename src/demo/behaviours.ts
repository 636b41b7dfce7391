import type { Agent, Job } from './agent';

export interface Behaviour {
  /** The role in its worker-spec.json. */
  role: string;
  /** In a line, for help and for `npm run demo`. */
  about: string;
  /** Resolves when the worker is through (exit 0); rejects when it crashes (exit 1). */
  live(agent: Agent): Promise<void>;
}

export const BEHAVIOUR_NAMES = [
  'steady',
  'bursty',
  'busy-silent',
  'waiting',
  'finishes',
  'stalls',
  'crashes',
  'stubborn',
] as const;
export type BehaviourName = (typeof BEHAVIOUR_NAMES)[number];

const BEAT_MS = 3_000;
const TITLES = ['Read the failing test', 'Mend the date parser', 'Write the changelog', 'Review the last commit'];

function job(count: number, lengthMs: number, stepMs = 2_000): Job {
  return { title: TITLES[count % TITLES.length] ?? 'Work', lengthMs, stepMs };
}

/** Small tasks one after the other, a heartbeat every few seconds. */
async function steady(agent: Agent): Promise<void> {
  agent.say({ status: 'ready' });
  agent.beatEvery(BEAT_MS);
  for (let count = 0; ; count += 1) {
    await agent.wait(4_000);
    await agent.work({ ...job(count, 8_000), namesStart: true });
  }
}

/** Nothing for a while, then a burst of wire events and results. */
async function bursty(agent: Agent): Promise<void> {
  agent.say({ status: 'ready' });
  agent.beatEvery(BEAT_MS);
  for (let count = 0; ; count += 3) {
    await agent.wait(7_000);
    for (const each of [0, 1, 2]) await agent.work(job(count + each, 1_000, 100));
  }
}

/** Long tasks during which only wire events are written: no heartbeat, and nothing in the one before says "busy". */
async function busySilent(agent: Agent): Promise<void> {
  for (let count = 0; ; count += 1) {
    agent.say({ status: 'alive' });
    await agent.wait(2_000);
    const long = job(count, 90_000);
    const task = agent.take(long);
    for (let step = 0; step < long.lengthMs / long.stepMs; step += 1) await agent.callTool(long.stepMs);
    agent.answer(task.id, task.title);
  }
}

/** Works, then asks a person and waits for the answer. */
async function waiting(agent: Agent): Promise<void> {
  agent.beatEvery(BEAT_MS);
  await agent.work(job(1, 8_000));
  const task = agent.take(job(2, 0));
  agent.say({ status: 'waiting', task, message: 'May I push the branch release-1.2 to the server?' });
  await new Promise<never>(() => {});
}

/** Takes its time to start, does two tasks, says that it stops and ends. */
async function finishes(agent: Agent): Promise<void> {
  await agent.wait(18_000);
  agent.say({ status: 'ready' });
  agent.beatEvery(BEAT_MS);
  for (const count of [0, 1]) await agent.work(job(count, 8_000));
  agent.stopBeating();
  agent.say({ status: 'stopped', message: 'All tasks are done.' });
}

/** Works, then hangs in the middle of a task: the process lives and is silent. */
async function stalls(agent: Agent): Promise<void> {
  agent.beatEvery(BEAT_MS);
  await agent.work(job(3, 8_000));
  const task = agent.take(job(1, 0));
  agent.say({ status: 'working', task, phase: 'tools' });
  await agent.callTool(2_000);
  await agent.hang();
}

/** Works, then dies of an error of its own. */
async function crashes(agent: Agent): Promise<void> {
  agent.beatEvery(BEAT_MS);
  await agent.work(job(0, 8_000));
  const task = agent.take(job(2, 0));
  agent.say({ status: 'working', task, phase: 'tools' });
  await agent.callTool(2_000);
  throw new TypeError("Cannot read properties of undefined (reading 'choices')");
}

/** Stalls too; its program does not obey SIGTERM (see stubborn.ts). */
const stubborn = stalls;

export const BEHAVIOURS: Record<BehaviourName, Behaviour> = {
  steady: { role: 'coder', about: 'small tasks, a heartbeat every 3 s', live: steady },
  bursty: { role: 'tester', about: 'silence, then bursts of work', live: bursty },
  'busy-silent': { role: 'researcher', about: 'works without heartbeats, only wire events', live: busySilent },
  waiting: { role: 'releaser', about: 'waits for a person after 10 s', live: waiting },
  finishes: { role: 'writer', about: 'starts late, finishes and stops within 40 s', live: finishes },
  stalls: { role: 'debugger', about: 'hangs after 10 s: stalled 30 s later', live: stalls },
  crashes: { role: 'planner', about: 'dies after 10 s with exit 1', live: crashes },
  stubborn: { role: 'reviewer', about: 'hangs after 10 s, ignores SIGTERM, has two children', live: stubborn },
};

export function isBehaviourName(name: string): name is BehaviourName {
  return (BEHAVIOUR_NAMES as readonly string[]).includes(name);
}
