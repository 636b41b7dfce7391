import type { Settings } from '../../shared/settings';
import { type Failure, GatewayError } from './failure';
import type { RequestLimits } from './limits';
import { allowed, type Outlook, type Strictness } from './outlook';

/** Lets requests through to the upstream as the settings and the state of everything allow. */
export interface Turnstile {
  /** What the request meets when it goes on to the upstream; that throws a RefusedForNow where it is one too many. */
  of(worker: string | null, settings: Settings): () => void;
}

export function createTurnstile(outlook: Outlook, limits: RequestLimits): Turnstile {
  return {
    of(worker, settings) {
      if (settings.gatewayRequestsPerMinute === null && settings.gatewayWorkerRequestsPerMinute === null) {
        return () => undefined;
      }
      // As it stands before this request is traffic itself.
      const strictness = outlook.strictness(settings);
      const known = outlook.known(worker);
      return () => {
        const allowance = allowed(settings, strictness);
        const { waitMs, until } = limits.ask(known, allowance);
        if (waitMs > 0) throw new RefusedForNow(waitMs, sentence(until === 'inAll', allowance[until] ?? 0, strictness));
      };
    },
  };
}

/** 429, with the time after which the same request passes. */
export class RefusedForNow extends GatewayError {
  readonly headers: Record<string, string>;

  constructor(waitMs: number, why: string) {
    const seconds = Math.ceil(waitMs / 1_000);
    super(tooMany(`${why} Try again in ${seconds} s.`));
    this.headers = { 'retry-after': String(seconds), 'retry-after-ms': String(Math.ceil(waitMs)) };
  }
}

const tooMany = (message: string): Failure => ({ status: 429, type: 'requests', code: 'rate_limit_exceeded', message });

function sentence(isInAll: boolean, limit: number, strictness: Strictness): string {
  const of = isInAll ? 'in all (gatewayRequestsPerMinute)' : 'of one worker (gatewayWorkerRequestsPerMinute)';
  return `idlewatch lets through ${limit} a minute ${of}${WHY[strictness]}.`;
}

const WHY: Record<Strictness, string> = {
  usual: '',
  idle: ', half of it while all is idle',
  critical: ', while memory is short or the circuit breaker is open',
};
