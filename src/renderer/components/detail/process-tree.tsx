import { formatBytes } from '../../../shared/format';
import type { ProcessNode, WorkerDetail } from '../../../shared/model';
import { formatPercent } from '../../logic/words';

/** The worker's process, whether it may be trusted to be its own, and everything below it. */
export function ProcessTree({ detail }: { detail: WorkerDetail }) {
  const { process, processes, liveness } = detail;
  const isGone = liveness === 'gone';
  return (
    <section aria-labelledby="processes-title">
      <h3 id="processes-title" className="label">
        Processes
      </h3>
      {process ? (
        <p className={process.verified || isGone ? 'identity' : 'identity identity-unverified'}>
          pid {process.pid} · {isGone ? 'gone' : `${process.verified ? 'verified' : 'not verified'}: ${process.why}`}
        </p>
      ) : (
        <p className="dim">No process is known.</p>
      )}
      {processes.length > 0 && (
        <div className="well">
          <table className="tree" aria-label="Process tree">
            <colgroup>
              <col className="tree-pid" />
              <col />
              <col className="tree-cpu" />
              <col className="tree-memory" />
            </colgroup>
            <thead className="visually-hidden">
              <tr>
                <th scope="col">Pid</th>
                <th scope="col">Command</th>
                <th scope="col">CPU</th>
                <th scope="col">Memory</th>
              </tr>
            </thead>
            <tbody>
              {processes.map((node) => (
                <ProcessLine key={node.pid} node={node} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Children stand to the right of their parents, px, as far as there is room. */
const INDENT_PX = 10;
const DEEPEST = 6;

/** A command without the directories of its program and of its script: the whole stands in the title. */
function shortCommand(command: string): string {
  return command.replace(/^\S*\/(?=[^/\s])/, '').replace(/^(\S+ )\/\S*\/(?=[^/\s])/, '$1…/');
}

function ProcessLine({ node }: { node: ProcessNode }) {
  return (
    <tr>
      <td>{node.pid}</td>
      <td className="tree-command" title={node.command}>
        <div style={{ paddingLeft: Math.min(node.depth, DEEPEST) * INDENT_PX }}>{shortCommand(node.command)}</div>
      </td>
      <td className="tree-number">{formatPercent(node.cpuPercent)}</td>
      <td className="tree-number">{formatBytes(node.rssBytes)}</td>
    </tr>
  );
}
