import { appendFileSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One heartbeat, as docs/heartbeat.md has it, less what is the same every time. */
export interface Beat {
  status: string;
  task?: { id: string; title: string; started_at?: string };
  phase?: string;
  progress?: string;
  message?: string;
}

/**
 * The files of one worker directory, written as real agents write them: the heartbeat to a temporary name and renamed,
 * JSON lines appended, the log held open for as long as the program runs.
 */
export class WorkerFiles {
  private readonly startedAt = new Date().toISOString();
  private readonly logFile: number;

  constructor(
    private readonly directory: string,
    private readonly name: string,
    role: string,
  ) {
    mkdirSync(directory, { recursive: true });
    const spec = {
      name,
      role,
      inbox: this.path('inbox.jsonl'),
      outbox: this.path('outbox.jsonl'),
      heartbeat: this.path('heartbeat.json'),
      project_dir: directory,
    };
    this.replace('worker-spec.json', spec);
    this.logFile = openSync(this.path('agent.log'), 'a');
  }

  beat(beat: Beat): void {
    const ts = new Date().toISOString();
    this.replace('heartbeat.json', { ...beat, name: this.name, ts, pid: process.pid, started_at: this.startedAt });
  }

  /** What a team lead would do: a task into the inbox. */
  give(task: { id: string; task: string }): void {
    this.append('inbox.jsonl', task);
  }

  result(result: { task_id: string; status: 'success' | 'partial' | 'failed'; summary: string }): void {
    this.append('outbox.jsonl', result);
  }

  /** One event of the wire protocol between an agent and the program that drives it. */
  wire(type: string, payload: Record<string, unknown>): void {
    this.append('wire-events.jsonl', { jsonrpc: '2.0', method: 'event', params: { type, payload } });
  }

  log(line: string): void {
    writeSync(this.logFile, `${new Date().toISOString()} ${line}\n`);
  }

  private path(file: string): string {
    return join(this.directory, file);
  }

  private append(file: string, line: object): void {
    appendFileSync(this.path(file), `${JSON.stringify(line)}\n`);
  }

  private replace(file: string, content: object): void {
    const temporary = this.path(`.${file}.${process.pid}`);
    writeFileSync(temporary, `${JSON.stringify(content)}\n`);
    renameSync(temporary, this.path(file));
  }
}
