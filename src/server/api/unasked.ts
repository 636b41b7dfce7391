import type { FastifyInstance, FastifyRequest } from 'fastify';

type Socket = FastifyRequest['raw']['socket'];

/**
 * Close connections on which nothing was ever asked when the server closes: browsers and HTTP clients open some ahead, and
 * closing would wait for their first request for a minute.
 */
export function closeUnasked(app: FastifyInstance): void {
  const unasked = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unasked.add(socket);
    socket.once('close', () => unasked.delete(socket));
  });
  app.server.on('request', ({ socket }: FastifyRequest['raw']) => void unasked.delete(socket));
  app.addHook('preClose', async () => {
    for (const socket of unasked) socket.destroy();
  });
}
