import { formatDuration } from '../../shared/format';
import { type PolicyStatus, SOURCE_KINDS } from '../../shared/model';
import type { PolicyAction, PolicyRule, Settings } from '../../shared/settings';
import { sourceWords } from './words';

export const ACTION_WORDS: Record<PolicyAction, string> = {
  monitor: 'Only watch',
  notify: 'Notify',
  suggest: 'Suggest ending',
  kill: 'End it',
};

/** The header's mark for automatic ending, and what its tooltip says. */
export interface AutoEndMark {
  words: string;
  title: string;
  /** It was stopped by the circuit breaker. */
  stopped: boolean;
}

/** Null while nothing is ever ended without a person. */
export function autoEndMark(policy: PolicyStatus, rules: Settings['endingPolicy']): AutoEndMark | null {
  if (!policy.armed) return null;
  const lines = endingRules(rules);
  if (policy.breaker)
    return { words: 'Auto-end stopped', title: [policy.breaker.reason, ...lines].join('\n'), stopped: true };
  if (policy.heldBack !== null) {
    return { words: 'Auto-end held', title: [`Held for now: ${policy.heldBack}`, ...lines].join('\n'), stopped: false };
  }
  return { words: 'Auto-end on', title: lines.join('\n'), stopped: false };
}

/** `Workbenches are ended once stalled for 5 min`: a line for each kind that is. */
function endingRules(rules: Settings['endingPolicy']): string[] {
  return SOURCE_KINDS.flatMap((source) => {
    const rule = rules[source];
    return rule?.action === 'kill' ? [`${sourceWords(source)} are ended ${afterWords(rule)}`] : [];
  });
}

function afterWords({ afterSecs }: PolicyRule): string {
  return afterSecs > 0 ? `once stalled for ${formatDuration(afterSecs * 1000)}` : 'as soon as they are stalled';
}
