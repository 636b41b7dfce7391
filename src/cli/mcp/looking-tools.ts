import { z } from 'zod';
import type { LoggedEvent, WorkerRow } from '../../shared/model';
import { WORKER_STATES } from '../../shared/model';
import { readKinds } from '../event-text';
import { findWorker } from '../find-worker';
import { eventJson, headJson, reportJson, time, workerJson } from '../json';
import type { Wanted } from '../kept-events';
import type { McpDesks } from './desk';
import type { AddTool } from './tool';

const LISTED_MAX = 500;
const EVENTS = 50;

/** How a worker is named in what a tool is asked. */
export const workerWord = z.string().min(1).max(8_192).describe('The worker’s id, or its name where one alone has it.');

/** Tools that only look. */
export function addLookingTools(add: AddTool, desks: McpDesks, kept: (wanted: Wanted) => LoggedEvent[]): void {
  add(
    'list_workers',
    {
      title: 'List workers',
      description: 'The AI-agent workers on this machine: state, health and the reason for it, heartbeat age, process.',
      input: {
        state: z.array(z.enum(WORKER_STATES)).optional().describe('Only workers in one of these states.'),
        needsPerson: z.boolean().optional().describe('Only those that are stalled or dead, or only the others.'),
      },
    },
    async ({ state, needsPerson }) => {
      const { workers, takenAt } = await desks.ask((desk) => desk.snapshot());
      const isWanted = (row: WorkerRow) =>
        (!state || state.includes(row.state)) && (needsPerson === undefined || row.needsPerson === needsPerson);
      const found = workers.filter(isWanted);
      return {
        takenAt: time(takenAt),
        workers: found.slice(0, LISTED_MAX).map(workerJson),
        leftOut: Math.max(0, found.length - LISTED_MAX),
      };
    },
  );
  add(
    'get_worker',
    {
      title: 'One worker',
      description: 'All that is known of one worker, with the evidence its verdict rests on.',
      input: { worker: workerWord },
    },
    ({ worker }) =>
      desks.ask(async (desk) => {
        const { id } = findWorker((await desk.snapshot()).workers, worker);
        const report = await desk.worker(id);
        if (!report) throw new Error('this worker is no longer there');
        return reportJson(report);
      }),
  );
  add(
    'get_status',
    {
      title: 'Status',
      description:
        'The whole at one glance: idle, busy or stalled, in a sentence, with counts, memory, and what is watched.',
      input: {},
    },
    async () => {
      const snapshot = await desks.ask((desk) => desk.snapshot());
      const { counts, paused, policy, keeping, roots } = snapshot;
      return { ...headJson(snapshot), counts, paused, policy, keeping, roots };
    },
  );
  add(
    'list_idle',
    {
      title: 'What is idle',
      description: 'Sessions and tasks that had no activity for longer than their threshold, or were ended for that.',
      input: {},
    },
    async () => {
      const { sessions, tasks } = await desks.ask((desk) => desk.idleItems());
      const idle = (items: typeof sessions) =>
        items.filter(({ status }) => status !== 'active').map((item) => ({ ...item, since: time(item.since) }));
      return { sessions: idle(sessions), tasks: idle(tasks) };
    },
  );
  add(
    'list_events',
    {
      title: 'Events',
      description:
        'The event log, oldest first: what the workers did, what was ended and decided, which settings changed.',
      input: {
        after: z.int().min(0).optional().describe('Only behind the event with this id.'),
        kinds: z.string().max(1_000).optional().describe('Names separated by commas, as worker_stalled,kill_*.'),
        limit: z.int().min(1).max(1_000).optional().describe(`At most so many; without it ${EVENTS}.`),
      },
    },
    async ({ after, kinds, limit }) => {
      const names = kinds === undefined ? null : readKinds(kinds);
      return { events: kept({ after: after ?? null, limit: limit ?? EVENTS, names }).map(eventJson) };
    },
  );
}
