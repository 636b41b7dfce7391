import type { WorkerId } from '../shared/model';
import type { Settings } from '../shared/settings';
import { Attention, type Viewer } from './attention';
import { EventLog } from './event-log';
import { Examiner } from './examiner';
import { FiguresFeed } from './figures-feed';
import { Holding } from './holding';
import { IdleRounds } from './idle-rounds';
import { InFlightWatch } from './in-flight-watch';
import { LifeCycle } from './life-cycle';
import { ModelRequests } from './model-requests';
import { Notes } from './notes';
import { Pictures } from './pictures';
import type {
  Clock,
  FileEvents,
  Files,
  ForeignTables,
  Http,
  KnownEnds,
  Logger,
  MemoryProbe,
  Multiplexer,
  ProcessTable,
  SnoozeBook,
} from './ports';
import { ProcessSampling } from './process-sampling';
import { ProcessWatch } from './process-watch';
import { Publisher } from './publisher';
import { Pulse } from './pulse';
import { Refresher } from './refresher';
import { RollUp } from './roll-up';
import { Roster } from './roster';
import type { RunRegistry } from './run-registry';
import { LookQueue } from './schedule/look-queue';
import { SilenceWatch } from './silence-watch';
import { Snoozing } from './snoozing';
import { createSources } from './sources/registry';
import { Sweep } from './sweep';
import { Views } from './views';

export interface MonitorPorts {
  clock: Clock;
  files: Files;
  fileEvents: FileEvents;
  processTable: ProcessTable;
  memoryProbe: MemoryProbe;
  multiplexer: Multiplexer;
  http: Http;
  tables: ForeignTables;
  runs: RunRegistry;
  ends: KnownEnds;
  snoozes: SnoozeBook;
  /** Where the routines that begin workbenches are kept, whether or not it exists. */
  routinesDirectory: string;
  log: Logger;
}

export type MonitorParts = ReturnType<typeof wire>;

/**
 * Put the parts together: sweep and events → examiner → roster → publisher. Nothing runs yet. `settings`: those in force
 * at the moment they are asked for; `lastEventId`: of the newest event that was kept before.
 */
export function wire(ports: MonitorPorts, settings: () => Settings, lastEventId: number) {
  const { clock, fileEvents, processTable, snoozes, ends, log } = ports;
  const isLooking = () => life.isLooking;
  const now = () => holding.now();

  // ── what is known ──
  const roster = new Roster();
  const sources = createSources({ ...ports, settings });
  const processes = new ProcessWatch(processTable, clock);
  const rollUp = new RollUp(processTable, clock, () => roster.all());
  const silences = new SilenceWatch(settings);
  const inFlight = new InFlightWatch(processTable, clock, () => roster.all());
  const events = new EventLog(clock, (event) => publisher.event(event), lastEventId);
  const pulse = new Pulse(ports, settings(), {
    workersRss: () => sampling.workersRss(),
    onChange: (kind, text) => {
      events.add(kind, null, text);
      publisher.headChanged();
    },
  });
  const holding = new Holding({
    ...{ clock, events },
    wakeGraceMs: () => settings().wakeGraceMs,
    onChange: () => publisher.headChanged(),
    onOver: () => life.beginAnew(),
  });
  const idleRounds = new IdleRounds({
    ...{ clock, roster, events, settings, now },
    isHeld: () => holding.hold !== null,
    changed: (record) => examiner.changed(record, false),
  });

  // ── who looks, and how it is told ──
  const looks = new LookQueue<WorkerId>(clock, (id, depth) => examiner.look(id, depth));
  const attention = new Attention({ fileEvents, roster, looks, sources, onRootEvent: () => sweep.discoverSoon() });
  const pictures = new Pictures({
    ...{ clock, sources, roster, attention, processes, pulse, events, holding, idleRounds, settings },
    isPaused: () => life.isPaused,
  });
  /** Whoever looks without a view of their own. */
  const itself: Viewer = Symbol('the monitor itself');
  const publisher = new Publisher(clock, pictures, itself);
  const sampling = new ProcessSampling(roster, processes, publisher);
  const figures = new FiguresFeed(pulse, roster, publisher);
  const views = new Views({ attention, publisher, sampling, isLooking }, itself);

  // ── what finds out ──
  const requests = new ModelRequests(clock, roster, (id, count) => {
    pulse.noteRequests(count);
    if (id !== null && isLooking()) looks.soon(id, 'full');
  });
  const examiner = new Examiner({
    ...{ roster, attention, looks, processes, rollUp, inFlight, requests, silences, pulse, events, publisher },
    ...{ ends, snoozes, log, settings, now },
    hold: () => holding.hold?.reason ?? null,
    tellsFound: () => life.hasRead,
    onStateChange: () => life.assignSoon(),
  });
  const sweep = new Sweep({
    ...{ clock, sources, roster, examiner, now, log },
    intervalMs: () => settings().sweepIntervalMs,
    onDone: () => life.swept(),
    onDiscovered: () => attention.assign(),
  });
  const refresher = new Refresher(clock, sources, {
    changed: (ids) => {
      for (const id of ids) looks.soon(id, 'full');
    },
    appeared: () => sweep.discoverSoon(),
  });

  // ── what others say, and when all of it runs ──
  const snoozing = new Snoozing({ clock, roster, examiner, snoozes, now });
  const notes = new Notes({ roster, events, examiner, idleRounds, looks, sweep, now, isLooking });
  const life = new LifeCycle({
    ...{ clock, roster, attention, examiner, figures, holding, idleRounds, looks, publisher, pulse, refresher },
    ...{ sampling, silences, snoozing, sweep },
  });

  return {
    ...{ roster, sources, silences, publisher, events, pulse, figures, holding, requests, examiner, idleRounds },
    ...{ snoozing, notes, views, pictures, life },
  };
}
