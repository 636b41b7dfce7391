import { z } from 'zod';
import { errorBody } from './acting';

/** What a route may answer with beside what is asked for. */
export const errors = { '4xx': errorBody, '5xx': errorBody };

export const done = z.strictObject({ ok: z.literal(true) });

/** The id of a worker in an address; its slashes are written `%2F`. */
export const workerAddress = z.strictObject({
  id: z.string().min(1).max(8_192).describe('the id of a worker, with its slashes as %2F'),
});
