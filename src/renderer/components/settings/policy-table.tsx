import { SOURCE_KINDS, type SourceKind } from '../../../shared/model';
import { POLICY_ACTIONS, type PolicyAction } from '../../../shared/settings';
import { type PolicyDraft, policyFaults, type RuleDraft } from '../../logic/policy-form';
import { ACTION_WORDS } from '../../logic/policy-words';
import { sourceWords } from '../../logic/words';
import { LengthField } from './length-field';

interface Props {
  draft: PolicyDraft;
  labelledBy: string;
  describedBy: string;
  disabled: boolean;
  /** The whole was refused: the fields to blame are marked. */
  refused: boolean;
  onChange: (draft: PolicyDraft) => void;
}

/** What happens by itself to a stalled worker: a line for each kind. */
export function PolicyTable({ draft, labelledBy, describedBy, disabled, refused, onChange }: Props) {
  const faults = refused ? policyFaults(draft) : null;
  const edit = (source: SourceKind, change: Partial<RuleDraft>) =>
    onChange({ ...draft, [source]: { ...draft[source], ...change } });
  return (
    <table className="policy" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">What happens</th>
          <th scope="col">After (s)</th>
          <th scope="col">Kill grace (ms)</th>
        </tr>
      </thead>
      <tbody>
        {SOURCE_KINDS.map((source) => {
          const { action, afterSecs, killGraceMs } = draft[source];
          const kind = sourceWords(source);
          return (
            <tr key={source}>
              <th scope="row">{kind}</th>
              <td>
                <select
                  className="field"
                  aria-label={`${kind}: what happens`}
                  disabled={disabled}
                  value={action}
                  onChange={(event) => edit(source, { action: event.target.value as PolicyAction })}
                >
                  {POLICY_ACTIONS.map((each) => (
                    <option key={each} value={each}>
                      {ACTION_WORDS[each]}
                    </option>
                  ))}
                </select>
              </td>
              <td>
                <LengthField
                  label={`${kind}: after, in seconds`}
                  unit="s"
                  value={afterSecs}
                  disabled={disabled || action === 'monitor'}
                  invalid={faults?.has(`${source}.afterSecs`) ?? false}
                  onChange={(text) => edit(source, { afterSecs: text })}
                />
              </td>
              <td>
                <LengthField
                  label={`${kind}: kill grace, in milliseconds`}
                  unit="ms"
                  value={killGraceMs}
                  disabled={disabled || action !== 'kill'}
                  invalid={faults?.has(`${source}.killGraceMs`) ?? false}
                  onChange={(text) => edit(source, { killGraceMs: text })}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
