import { setTimeout as delay } from 'node:timers/promises';
import type { Beat, WorkerFiles } from './worker-files';

export interface Job {
  title: string;
  lengthMs: number;
  /** Time between two tool calls. */
  stepMs: number;
  /** Name the start of the task in the heartbeat: from then on only the command timeout counts. */
  namesStart?: boolean;
}

/**
 * What every behaviour of a demo worker is made of: beat, rest, work on a job, hang. All lengths are milliseconds at
 * speed 1 and shorter at a higher speed.
 */
export class Agent {
  private now: Beat = { status: 'starting' };
  private beating: NodeJS.Timeout | undefined;
  private jobs = 0;
  private calls = 0;

  constructor(
    readonly files: WorkerFiles,
    private readonly speed: number,
  ) {}

  async wait(ms: number): Promise<void> {
    await delay(ms / this.speed);
  }

  /** Say something at once, and again with every beat from now on. */
  say(beat: Beat): void {
    this.now = beat;
    this.files.beat(this.now);
  }

  beatEvery(intervalMs: number): void {
    clearInterval(this.beating);
    this.beating = setInterval(() => this.files.beat(this.now), intervalMs / this.speed);
  }

  stopBeating(): void {
    clearInterval(this.beating);
  }

  /** Take a job from the inbox without answering it yet. */
  take(job: Job): { id: string; title: string; started_at?: string } {
    this.jobs += 1;
    const id = `task-${this.jobs}`;
    this.files.give({ id, task: job.title });
    this.files.log(`task ${id}: ${job.title}`);
    this.files.wire('TurnBegin', { user_input: job.title });
    return { id, title: job.title, ...(job.namesStart && { started_at: new Date().toISOString() }) };
  }

  /** One tool call and its result, closed before this returns. */
  async callTool(ms: number): Promise<void> {
    this.calls += 1;
    const id = `call-${this.calls}`;
    const name = TOOLS[this.calls % TOOLS.length] ?? 'read_file';
    this.files.wire('ToolCall', { type: 'function', id, function: { name, arguments: '{}' } });
    await this.wait(ms);
    this.files.wire('ToolResult', { tool_call_id: id, return_value: { is_error: false, output: 'ok' } });
    this.files.log(`${name} ok`);
  }

  answer(taskId: string, title: string): void {
    this.files.result({ task_id: taskId, status: 'success', summary: `${title}: done` });
    this.files.wire('TurnEnd', {});
    this.files.log(`task ${taskId} done`);
  }

  /** Work on a job from the inbox line to the outbox line, saying so in the heartbeat. */
  async work(job: Job): Promise<void> {
    const task = this.take(job);
    const steps = Math.max(1, Math.round(job.lengthMs / job.stepMs));
    for (let step = 1; step <= steps; step += 1) {
      this.say({ status: 'working', task, phase: 'tools', progress: `${step}/${steps}` });
      await this.callTool(job.stepMs);
    }
    this.answer(task.id, job.title);
    this.say({ status: 'ready' });
  }

  /** Never come back, and write nothing any more: what a deadlocked agent does. */
  async hang(): Promise<never> {
    this.stopBeating();
    return await new Promise<never>(() => setInterval(() => {}, 60_000));
  }
}

const TOOLS = ['read_file', 'edit_file', 'run_tests', 'search'];
