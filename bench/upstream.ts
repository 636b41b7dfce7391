import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A model service for the gateway's benchmark that answers at once: what is measured beside it is the way there. A body
 * with `"stream":true` is answered in pieces, one every 50 ms. Prints its port; ends with its input.
 */
const PIECES = 20;
const PIECE_MS = 50;
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(200) }, finish_reason: 'stop' }],
});
const PIECE = `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ delta: { content: 'word ' } }] })}\n\n`;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let pieces = 0;
    const send = () => {
      response.write(PIECE);
      pieces += 1;
      if (pieces < PIECES) return;
      clearInterval(timer);
      response.end('data: [DONE]\n\n');
    };
    const timer = setInterval(send, PIECE_MS);
    response.on('close', () => clearInterval(timer));
    send();
  });
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`),
);
process.stdin.on('end', () => process.exit(0)).resume();
