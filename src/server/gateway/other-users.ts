import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ConnectionOwner, createConnectionOwners } from '../../host/process-table/connection-owner';
import { badRequest, type Failure } from './failure';

type Socket = FastifyRequest['raw']['socket'];

const ROOT = 0;

/** Why a request on this connection is not served; null: it is. Asked of the system once for each connection, when it comes. */
export function createOtherUsers(server: FastifyInstance['server']): (socket: Socket) => Promise<Failure | null> {
  const ownerOf = createConnectionOwners();
  const failures = new WeakMap<Socket, Promise<Failure | null>>();
  server.on('connection', (socket: Socket) => {
    failures.set(
      socket,
      ownerOf(socket).then((owner) => whyNot(owner, process.geteuid?.() ?? null)),
    );
  });
  return async (socket) => (await failures.get(socket)) ?? null;
}

/**
 * Root may do whatever our own user may, by other ways than this. Where it is not known who asks they are let through: that
 * is so of every program that comes from another network namespace, as a container's.
 */
export function whyNot(owner: ConnectionOwner, own: number | null): Failure | null {
  if (owner === null || owner === own || owner === ROOT || own === null) return null;
  const who = owner === 'closed' ? 'This connection’s other end is closed' : `This connection is user ${owner}’s`;
  return badRequest(
    'other_user',
    `${who}. The gateway serves programs of its own user (${own}) and of root alone.`,
    403,
  );
}
