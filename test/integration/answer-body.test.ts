import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bodyOf } from '../../src/host/answer-body';
import { collectGarbage } from './support/collect-garbage';

/** A server whose one answer stays open; and that answer. */
async function openAnswer(): Promise<{ url: string; answering: Promise<ServerResponse> }> {
  const server = createServer((_request, response) => response.write('one'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const answering = once(server, 'request').then(([, response]) => response as ServerResponse);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answering };
}

/** As the engine and its client ask: with this, Node 20 loses the signal when garbage is collected. */
async function begin(url: string, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
  return bodyOf(await fetch(url, { redirect: 'error', signal }), signal);
}

test('an abort ends reader and connection, also after garbage was collected', async () => {
  const { url, answering } = await openAnswer();
  const abort = new AbortController();
  const body = await begin(url, abort.signal);
  expect(Buffer.from((await body.next()).value as Uint8Array).toString()).toBe('one');
  const next = body.next().catch((reason: unknown) => reason);
  const closed = once(await answering, 'close');
  await collectGarbage();
  const reason = new Error('seen enough');
  abort.abort(reason);
  expect(await next).toBe(reason);
  await closed;
});

test('whoever leaves the loop closes the connection', async () => {
  const { url, answering } = await openAnswer();
  const body = await begin(url, new AbortController().signal);
  await body.next();
  const closed = once(await answering, 'close');
  await collectGarbage();
  await body.return(undefined);
  await closed;
});

test('what was aborted before is not read; what is whole ends', async () => {
  const aborted = bodyOf(new Response('whole'), AbortSignal.abort(new Error('too late')));
  await expect(aborted.next()).rejects.toThrow('too late');
  const pieces = [];
  for await (const piece of bodyOf(new Response('whole'), new AbortController().signal)) pieces.push(piece);
  expect(Buffer.concat(pieces).toString()).toBe('whole');
  expect(await bodyOf(new Response(null), new AbortController().signal).next()).toMatchObject({ done: true });
});
