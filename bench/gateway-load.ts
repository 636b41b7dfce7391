import { Agent } from 'undici';

/** Sends requests to a service of chat completions and notes how long each took. */
const BODY = {
  model: 'bench',
  messages: [
    { role: 'system', content: 'You are a load. '.repeat(50) },
    { role: 'user', content: 'Hello' },
  ],
};

export interface Sent {
  /** From the request to the first byte of its answer's body, and to the last one. */
  firstMs: number[];
  wholeMs: number[];
  failed: number;
}

export interface Load {
  sent: Sent;
  /** One request; settles when its answer is whole. */
  send(stream?: boolean): Promise<void>;
  close(): Promise<void>;
}

/** `base`: with its `/v1`. Every request is another one, so that nothing is answered from memory. */
export function createLoad(base: string): Load {
  const agent = new Agent();
  const url = new URL(`${base}/chat/completions`);
  const sent: Sent = { firstMs: [], wholeMs: [], failed: 0 };
  let serial = 0;
  return {
    sent,
    async send(stream = false) {
      serial += 1;
      const began = performance.now();
      try {
        const { statusCode, body } = await agent.request({
          ...{ origin: url.origin, path: url.pathname, method: 'POST' },
          headers: { 'content-type': 'application/json', authorization: 'Bearer of-nobody' },
          body: JSON.stringify({ ...BODY, seed: serial, stream }),
        });
        let firstMs: number | null = null;
        for await (const _chunk of body) firstMs ??= performance.now() - began;
        if (statusCode !== 200) throw new Error(String(statusCode));
        sent.firstMs.push(firstMs ?? 0);
        sent.wholeMs.push(performance.now() - began);
      } catch {
        sent.failed += 1;
      }
    },
    close: () => agent.destroy(),
  };
}

/** So many requests a second to each, by turns, for so long, whatever the answers take. */
export async function sendEvenly(loads: Load[], perSecond: number, seconds: number, stream = false): Promise<void> {
  const gapMs = 1_000 / (perSecond * loads.length);
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (let at = 0; at < perSecond * loads.length * seconds; at += 1) {
    const waitMs = began + at * gapMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    under.push(loads[at % loads.length]?.send(stream) ?? Promise.resolve());
    if (under.length > 1_000) under.splice(0, 500);
  }
  await Promise.all(under);
}

/** As many as go through, so many at a time; requests a second. */
export async function sendAll(load: Load, atATime: number, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let done = 0;
  const one = async () => {
    while (performance.now() < until) {
      await load.send();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atATime }, one));
  return done / seconds;
}

export function quantile(values: number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? 0;
}
