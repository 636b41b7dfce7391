import { SOURCE_KINDS, type SourceKind } from '../../shared/model';
import { defaultPolicyRule, type PolicyRule, type Settings, settingsSchema } from '../../shared/settings';
import { numberFromText } from './numbers';

/** One line of the policy's table while it is edited. */
export interface RuleDraft {
  action: PolicyRule['action'];
  afterSecs: string;
  killGraceMs: string;
}
export type RuleField = keyof RuleDraft;
export type PolicyDraft = Record<SourceKind, RuleDraft>;

/** A line for every kind, with the default rule where the settings have none. */
export function toPolicyDraft(policy: Settings['endingPolicy']): PolicyDraft {
  const line = (source: SourceKind): RuleDraft => {
    const { action, afterSecs, killGraceMs } = policy[source] ?? defaultPolicyRule();
    return { action, afterSecs: String(afterSecs), killGraceMs: String(killGraceMs) };
  };
  return Object.fromEntries(SOURCE_KINDS.map((source) => [source, line(source)])) as PolicyDraft;
}

/** The rules a table means; a line that says what the default rule says is left out. */
export function fromPolicyDraft(draft: PolicyDraft): Record<string, unknown> {
  const initial = JSON.stringify(defaultPolicyRule());
  const rules = SOURCE_KINDS.map((source): [SourceKind, unknown] => {
    const { action, afterSecs, killGraceMs } = draft[source];
    return [source, { action, afterSecs: numberFromText(afterSecs), killGraceMs: numberFromText(killGraceMs) }];
  });
  return Object.fromEntries(rules.filter(([, rule]) => JSON.stringify(rule) !== initial));
}

/** The fields the schema refuses: `workbench.afterSecs`. */
export function policyFaults(draft: PolicyDraft): ReadonlySet<string> {
  const parsed = settingsSchema.shape.endingPolicy.safeParse(fromPolicyDraft(draft));
  return new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => path.slice(0, 2).join('.')));
}
