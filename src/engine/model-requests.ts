import type { WorkerId } from '../shared/model';
import type { OpenRequest } from './monitor-types';
import type { Clock } from './ports';
import type { Roster } from './roster';
import type { LifeSign, Moment, Reading } from './sources/source';

/** Pieces of an answer come many times a second: this often they are traffic, and a reason to look at their worker. */
const CHUNK_GAP_MS = 250;

/** What is known of the model requests of one worker. */
interface Known {
  open: Set<OpenSince>;
  /** The newest start, piece or end. */
  last: Moment;
}

interface OpenSince {
  last: Moment;
}

/** Model requests that pass through the gateway: traffic, and signs of life of the workers that made them. */
export class ModelRequests {
  readonly #known = new Map<WorkerId, Known>();

  constructor(
    private readonly clock: Clock,
    private readonly roster: Roster,
    /** Somebody is at work: `id` null where it is not known who. */
    private readonly onActivity: (id: WorkerId | null, count: number) => void,
  ) {}

  open(worker: string | null): OpenRequest {
    const id = worker === null ? null : this.#find(worker);
    const request: OpenSince = { last: this.#now() };
    if (id !== null) this.#note(id, request);
    this.onActivity(id, 1);
    let toldMs = request.last.monotonicMs;
    return {
      chunk: () => {
        request.last = this.#now();
        if (request.last.monotonicMs - toldMs < CHUNK_GAP_MS) return;
        toldMs = request.last.monotonicMs;
        if (id !== null) this.#note(id, request);
        this.onActivity(id, 1);
      },
      close: () => {
        const known = id === null ? undefined : this.#known.get(id);
        if (id === null || !known?.open.delete(request)) return;
        known.last = this.#now();
        this.onActivity(id, 0);
      },
    };
  }

  /** A reading with what requests tell of its worker. Those that are over were signs of life and progress all the same. */
  seenIn(reading: Reading): Reading {
    const known = this.#known.get(reading.id);
    if (!known) return reading;
    const open = [...known.open].map(({ last }) => last);
    const request = open.length ? open.reduce((a, b) => (b.monotonicMs > a.monotonicMs ? b : a)) : null;
    const sign: LifeSign = { ...known.last, from: 'request' };
    // Whoever is judged by other clocks than these is not judged by this one either.
    const isJudgedByLife = reading.heartbeat !== null;
    return {
      ...reading,
      request,
      otherLife: isJudgedByLife || reading.otherLife ? newest(reading.otherLife, sign) : null,
      progress: isJudgedByLife || reading.progress ? newest(reading.progress, sign) : null,
    };
  }

  /** The worker is there no more. What is still open counts for it again, should it come back and the answer go on. */
  forget(id: WorkerId): void {
    this.#known.delete(id);
  }

  #note(id: WorkerId, request: OpenSince): void {
    if (!this.roster.get(id)) return;
    const known = this.#known.get(id) ?? { open: new Set(), last: request.last };
    known.open.add(request);
    known.last = request.last;
    this.#known.set(id, known);
  }

  /** By id, else by a name that only one worker has. */
  #find(worker: string): WorkerId | null {
    if (this.roster.get(worker)) return worker;
    let found: WorkerId | null = null;
    for (const { id, reading } of this.roster.all()) {
      if (reading?.name !== worker) continue;
      if (found !== null) return null;
      found = id;
    }
    return found;
  }

  #now(): Moment {
    return { monotonicMs: this.clock.monotonicMs(), at: this.clock.wallMs() };
  }
}

function newest(a: LifeSign | null, b: LifeSign): LifeSign {
  return a && a.monotonicMs >= b.monotonicMs ? a : b;
}
