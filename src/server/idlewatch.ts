import { type EngineInfo, type EngineSeat, findEngine, takeSeat } from '../host/engine-seat';
import { openJournal } from '../host/journal';
import type { Machine } from '../host/machine';
import { openToken } from '../host/token';
import { ClientError } from './client';
import type { Desk } from './desk';
import { createDoors } from './doors';
import { attachTo } from './remote-desk';
import { openSeatedDesk } from './seated-desk';
import { createStation, type StationOptions } from './station';

export interface IdlewatchOptions extends StationOptions {
  machine: Machine;
  version: string;
  shell: EngineInfo['shell'];
  /** The built page; null: none is served. */
  pageFolder: string | null;
  /** Where the engine runs now, at the beginning and whenever that changes; null: in this process. */
  onSeat(at: EngineInfo | null): void;
}

/**
 * The engine of a state folder with its doors, for the app and for `idlewatch serve`: run here where nobody else does,
 * else attached to. Rejects in words where neither can be.
 */
export function openIdlewatch(options: IdlewatchOptions): Promise<Desk> {
  const { machine, stateFolder, version, shell, pageFolder, onSeat } = options;
  const { clock, log } = machine;
  const self = { pid: process.pid, startedAt: clock.wallMs(), version, shell };
  return openSeatedDesk({
    takeSeat: () => takeSeat(stateFolder),
    async here(seat) {
      const rival = () => whyNotAlone(seat);
      const station = createStation(machine, openJournal(stateFolder, log, clock), { ...options, rival });
      const token = openToken(stateFolder, machine.fileEvents);
      const doors = createDoors({ station, token, seat, log, self, pageFolder });
      station.start();
      void doors.open();
      const close = async () => {
        await doors.close();
        await station.stop();
        token.close();
        seat?.release();
      };
      let closed: Promise<void> | null = null;
      return {
        ...station,
        stop() {
          closed ??= close();
          return closed;
        },
      };
    },
    async attach(to) {
      const desk = await attachTo(() => urlOf(stateFolder, to), openToken(stateFolder));
      await bring(options, desk);
      return desk;
    },
    ...{ onSeat, clock, log },
  });
}

function whyNotAlone(seat: EngineSeat | null): string | null {
  if (!seat) return 'nothing keeps another idlewatch from acting too';
  return seat.hold() ? null : 'another idlewatch has taken the place of this one';
}

/** Of the engine that was attached to alone: whoever listens there once it is gone must not be given the token. */
function urlOf(stateFolder: string, { pid, startedAt }: EngineInfo): string {
  const found = findEngine(stateFolder);
  if (!found.ok) throw new ClientError('unreachable', found.reason);
  if (found.info.pid === pid && found.info.startedAt === startedAt) return found.url;
  throw new ClientError('unreachable', `the engine of process ${pid} has ended`);
}

/** What was asked for on the command line and the other engine can be asked for: directories, until it ends. */
async function bring({ given, settings, machine }: IdlewatchOptions, desk: Desk): Promise<void> {
  for (const path of given.workerDirs) await desk.invoke('directory.watch', [path], 'cli');
  const others = [...Object.keys(settings), ...(given.workbenchDirs.length ? ['workbench directories'] : [])];
  if (others.length) machine.log.warn(`The engine runs elsewhere: ${others.join(', ')} are not taken over.`);
}
