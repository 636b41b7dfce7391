import { plural } from '../../../shared/format';
import type { KillPlan } from '../../../shared/model';
import { useApp } from '../../context';
import { refusalOf, stepsOf } from '../../logic/plan-words';
import { PlannedProcesses } from './planned-processes';

/** What would be done, before anything is. */
export function PlanView({ plan, accepted }: { plan: KillPlan; accepted: boolean }) {
  const refusal = refusalOf(plan);
  return (
    <>
      {refusal !== null ? (
        <div className="verdict verdict-amber">
          <p className="verdict-title tone-amber">Nothing can be ended</p>
          <p>{refusal}</p>
        </div>
      ) : (
        <>
          {plan.sharedWith.length > 0 && <Shared plan={plan} accepted={accepted} />}
          {plan.session !== null && (
            <p>
              Ends the tmux session <code className="session">{plan.session}</code>, and with it what runs inside.
            </p>
          )}
          {plan.abort !== null && <p>Asks {plan.abort} to abort the session. The server itself goes on.</p>}
          {plan.processes.length > 0 && (
            <>
              <p>
                {plural(plan.processes.length, 'process', 'processes')} would be signalled, after checking that{' '}
                {plan.processes.length === 1 ? 'it is' : 'each is'} still the same:
              </p>
              <PlannedProcesses processes={plan.processes} madeAt={plan.madeAt} />
            </>
          )}
          <ol className="steps">
            {stepsOf(plan).map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </>
      )}
      {plan.spared.length > 0 && <Spared spared={plan.spared} />}
    </>
  );
}

function Spared({ spared }: { spared: KillPlan['spared'] }) {
  return (
    <section aria-labelledby="spared-title">
      <h3 id="spared-title" className="label">
        Left alone
      </h3>
      <ul className="spared">
        {spared.map(({ pid, command, why }) => (
          <li key={pid}>
            <span className="command">
              {pid} {command}
            </span>
            <span className="why">{why}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The processes serve other workers too: all are named, and ending them all needs its own yes. */
function Shared({ plan, accepted }: { plan: KillPlan; accepted: boolean }) {
  const { kill } = useApp();
  const count = plan.sharedWith.length;
  return (
    <div className="verdict verdict-amber">
      <p className="verdict-title tone-amber">
        {plural(count, 'other worker lives', 'other workers live')} in the same processes and would end too
      </p>
      <ul className="shared">
        {plan.sharedWith.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
      <label className="check">
        <input type="checkbox" checked={accepted} onChange={(event) => kill.acceptShared(event.target.checked)} />
        End {count === 1 ? 'this worker' : `these ${count} workers`} as well
      </label>
    </div>
  );
}
