import type { PlannedProcess } from '../../../shared/model';
import { formatTime } from '../../logic/words';

/** Children stand to the right of their parents, px, as far as there is room. */
const INDENT_PX = 16;
const DEEPEST = 8;

/** Each process with what identifies it, and why it belongs to the worker. */
export function PlannedProcesses({ processes, madeAt }: { processes: readonly PlannedProcess[]; madeAt: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="well process-list" tabIndex={0} aria-label="Processes to be ended">
      <table className="processes">
        <thead>
          <tr>
            <th scope="col">Pid</th>
            <th scope="col">Started</th>
            <th scope="col">Command</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((process) => (
            <tr key={process.pid}>
              <td>{process.pid}</td>
              <td>{process.startedAt === null ? 'not known' : formatTime(process.startedAt, madeAt)}</td>
              <td>
                <div className="planned" style={{ paddingLeft: Math.min(process.depth, DEEPEST) * INDENT_PX }}>
                  <span className="command">{process.command}</span>
                  <span className="why">{process.why}</span>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
