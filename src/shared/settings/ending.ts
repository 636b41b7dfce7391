import { z } from 'zod';
import { SOURCE_KINDS } from '../model';
import { ms } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Ending');

/** What happens by itself to a worker that stays stalled: nothing, a notification, an offer to end it, its end. */
export const POLICY_ACTIONS = ['monitor', 'notify', 'suggest', 'kill'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

const policyRule = z.strictObject({
  action: z.enum(POLICY_ACTIONS).default('monitor'),
  /** How long a worker must have been stalled. */
  afterSecs: z.number().min(0).max(86_400).default(300),
  /** Time between SIGTERM and SIGKILL when the policy ends it. */
  killGraceMs: z.number().int().min(0).max(600_000).default(10_000),
});
/** What the policy does with the workers of one source. */
export type PolicyRule = z.infer<typeof policyRule>;

/** The rule for a source that has none of its own: only watched. */
export function defaultPolicyRule(): PolicyRule {
  return policyRule.parse({});
}

export const ending = {
  killGraceMs: setting(ms(5_000, 0, 600_000), {
    title: 'Kill grace',
    description: 'Time between SIGTERM and SIGKILL.',
    unit: 'ms',
  }),
  endingPolicy: setting(z.partialRecord(z.enum(SOURCE_KINDS), policyRule).default({}), {
    title: 'What happens by itself',
    description:
      'For each kind of worker: nothing but watching, a notification, a suggestion, or ending it once it has been stalled for so long.',
  }),
  policyCheckIntervalMs: setting(ms(30_000, 1_000, 600_000), {
    title: 'Policy check interval',
    description: 'How often stalled workers are gone through. Ending one needs two fresh readings this far apart.',
    unit: 'ms',
  }),
  overloadLoadPerCore: setting(z.number().min(0.1).max(1_000).default(4), {
    title: 'Overloaded above',
    description: 'While more programs than this wait for each processor core, nothing is ended automatically.',
  }),
  breakerPercent: setting(z.number().min(1).max(100).default(30), {
    title: 'Circuit breaker',
    description:
      'When more than this share of the workers (and more than two) turn stalled within a minute, automatic ending stops.',
    unit: '%',
  }),
  breakerQuietMs: setting(ms(600_000, 1_000), {
    title: 'Circuit breaker closes after',
    description: 'So long nothing must turn stalled for the circuit breaker to close by itself.',
    unit: 'ms',
  }),
  keepAlive: setting(z.array(z.string().min(1).max(8192)).max(10_000).default([]), {
    title: 'Kept alive',
    description: 'Workers, by their id, that the policy never ends.',
    list: { of: 'worker ids', separator: ',' },
  }),
  orphanedRuns: setting(z.enum(['show', 'end']).default('show'), {
    title: 'Orphaned runs',
    description:
      'What happens to a supervised command whose supervisor is gone: it is shown and its end offered, or it is ended.',
  }),
};
