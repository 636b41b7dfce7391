/**
 * Why a running engine could not be asked.
 *
 * `unreachable`: nobody answers at its address; `timeout`: no answer in time; `lost`: it ended a stream; `token`: it
 * does not take the token; `unknown`: it knows no such worker or viewer; `refused`: it answered with a sentence why not; `foreign`: what answers is no idlewatch, or
 * another version of it.
 */
export type Trouble = 'unreachable' | 'timeout' | 'lost' | 'token' | 'unknown' | 'refused' | 'foreign';

/** Told in a sentence that names the address and never the token. */
export class ClientError extends Error {
  constructor(
    readonly trouble: Trouble,
    message: string,
  ) {
    super(message);
    this.name = 'ClientError';
  }

  /** Another try may meet an engine that is there again. */
  get mayPass(): boolean {
    return this.trouble === 'unreachable' || this.trouble === 'timeout' || this.trouble === 'lost';
  }
}

/** `fetch failed` says nothing: what went wrong stands in its cause, which may be several tries of one name. */
export function whyFetchFailed(error: unknown): string {
  const { message, cause } = error as Error;
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  const words = causes.map((each) =>
    each instanceof Error ? each.message || (each as NodeJS.ErrnoException).code : '',
  );
  return words.filter(Boolean).join('; ') || message;
}
