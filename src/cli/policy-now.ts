import { engineThatRuns, haveDone } from './attached';
import { type Context, EXIT_WELL, type Given } from './command';
import { jsonText } from './json';
import { policyJson, policyText } from './policy-text';

/** `idlewatch policy status`: what happens by itself in the engine that runs. */
export async function showPolicy(given: Given<'json'>, context: Context): Promise<number> {
  const client = engineThatRuns(context);
  const [{ takenAt, policy }, { settings }] = await Promise.all([client.snapshot(), client.invoke('settings.get', [])]);
  const now = { takenAt, policy, settings };
  context.out(given.has('json') ? jsonText(policyJson(now)) : policyText(now, context.look));
  return EXIT_WELL;
}

/** `idlewatch policy close`: automatic ending may go on. */
export async function closeBreaker(context: Context): Promise<number> {
  const client = engineThatRuns(context);
  const { breaker } = (await client.snapshot()).policy;
  if (breaker) await haveDone(client, 'policy.closeBreaker', []);
  context.out(
    breaker ? `The circuit breaker is closed. It was open: ${breaker.reason}.\n` : 'The circuit breaker is not open.\n',
  );
  return EXIT_WELL;
}
