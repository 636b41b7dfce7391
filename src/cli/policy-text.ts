import { formatDuration } from '../shared/format';
import { natureOf, type PolicyStatus, SOURCE_KINDS } from '../shared/model';
import { defaultPolicyRule, type Settings } from '../shared/settings';
import { columnsText } from './columns';
import type { Look } from './command';
import { SCHEMA, time } from './json';
import { localTime } from './log-text';
import { KIND_WORDS } from './table';

/** What happens by itself, and what keeps it from happening. */
export interface PolicyNow {
  takenAt: number;
  policy: PolicyStatus;
  settings: Pick<Settings, 'endingPolicy' | 'IDLE_AUTO_TIMEOUT_ENABLED'>;
}

/** Ends with a line break. */
export function policyText({ policy, settings }: PolicyNow, look: Look): string {
  const { armed, breaker, heldBack } = policy;
  const rows = rulesOf(settings).map(({ source, action, afterMs, killGraceMs }) => [
    KIND_WORDS[source],
    action,
    action === 'monitor' ? '–' : formatDuration(afterMs),
    action === 'kill' ? formatDuration(killGraceMs) : '–',
  ]);
  const lines = [
    `Automatic ending  ${armed ? 'on' : 'off: no kind of worker is set to be ended'}`,
    `Circuit breaker   ${breaker ? `open since ${localTime(breaker.openedAt)}: ${breaker.reason}` : 'not open'}`,
    `Held back         ${heldBack ?? 'no'}`,
    ...(endsIdle(settings) ? ['Idle sessions     ended too, of the kinds that are ended'] : []),
  ];
  return `${lines.join('\n')}\n\n${columnsText(['Kind', 'Action', 'Stalled for', 'Grace'], rows, look)}`;
}

/** The answer of `idlewatch policy status --json`. */
export function policyJson({ takenAt, policy, settings }: PolicyNow): object {
  const { armed, breaker, heldBack } = policy;
  return {
    ...{ schema: SCHEMA, takenAt: time(takenAt), armed },
    breaker: breaker && { openedAt: time(breaker.openedAt), reason: breaker.reason },
    ...{ heldBack, endsIdle: endsIdle(settings), kinds: rulesOf(settings) },
  };
}

function endsIdle({ endingPolicy, IDLE_AUTO_TIMEOUT_ENABLED }: PolicyNow['settings']): boolean {
  const isEnded = SOURCE_KINDS.some((each) => natureOf(each) === 'session' && endingPolicy[each]?.action === 'kill');
  return IDLE_AUTO_TIMEOUT_ENABLED && isEnded;
}

/** Of every kind, also of those that have no rule of their own. */
function rulesOf({ endingPolicy }: PolicyNow['settings']) {
  return SOURCE_KINDS.map((source) => {
    const { action, afterSecs, killGraceMs } = endingPolicy[source] ?? defaultPolicyRule();
    return { source, action, afterMs: afterSecs * 1000, killGraceMs };
  });
}
