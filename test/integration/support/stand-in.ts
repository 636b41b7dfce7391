import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RealProcesses } from './real-processes';

const PROGRAM = join(import.meta.dirname, '../../fixtures/programs/stand-in-model.mjs');

/** What the stand-in model does with a request; see test/fixtures/programs/stand-in-model.mjs. */
export type Step = { do: string } & Record<string, unknown>;

export interface StandInRequest {
  id: number;
  path: string;
  step: Step;
  tools: string[];
  state: 'open' | 'finished' | 'closed';
  prompt: string;
}

export interface StandIn {
  /** `http://127.0.0.1:…/v1`. */
  url: string;
  /** A prompt that has it take these steps, one for each answer. */
  told(say: string, ...steps: Step[]): string;
  /** What it does with the next requests, whatever their prompts tell. */
  next(...steps: Step[]): Promise<void>;
  requests(): Promise<StandInRequest[]>;
  /** Let everything that stalls finish. */
  release(): Promise<void>;
}

/** Start a model server that does as it is told. It ends with `processes`. */
export async function startStandIn(processes: RealProcesses): Promise<StandIn> {
  const { child } = processes.run(process.execPath, [PROGRAM]);
  const base = `http://127.0.0.1:${await readPort(child.stdout)}`;
  const control = async (told?: object) => {
    const answer = await fetch(`${base}/control`, told && { method: 'POST', body: JSON.stringify(told) });
    return (await answer.json()) as { requests: StandInRequest[] };
  };
  return {
    url: `${base}/v1`,
    told: (say, ...steps) => `${say} [stand-in ${JSON.stringify(steps)}]`,
    next: async (...steps) => void (await control({ next: steps })),
    requests: async () => (await control()).requests,
    release: async () => void (await control({ release: true })),
  };
}

async function readPort(output: NodeJS.ReadableStream | null): Promise<number> {
  if (!output) throw new Error('the stand-in has no output to read');
  for await (const line of createInterface(output)) {
    const port = /^ready (\d+)$/.exec(line)?.[1];
    if (port) return Number(port);
  }
  throw new Error('the stand-in ended before it was ready');
}
