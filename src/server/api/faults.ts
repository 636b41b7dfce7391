import { z } from 'zod';
import { inWords, type JsonSchema, nestedFault, show } from '../../shared/setting-words';
import { ApiError } from './errors';

/** What each part of a request is called in words. */
const PARTS: Record<string, string> = { body: 'body', querystring: 'query', params: 'address', headers: 'headers' };

interface Part {
  schema: z.ZodType;
  httpPart?: string;
}

/** Checks a part of a request, and says in words what is wrong with it. */
export function validatorCompiler({ schema, httpPart = 'body' }: Part) {
  return (value: unknown) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { value: parsed.data };
    return { error: invalid(faultIn(PARTS[httpPart] ?? httpPart, schema, value, parsed.error)) };
  };
}

export function invalid(message: string): ApiError {
  return new ApiError(400, 'invalid', message);
}

/** What is wrong with a value, by the first thing that is: `body.on is "yes"; allowed is true or false`. */
export function faultIn(name: string, schema: z.ZodType, value: unknown, { issues: [issue] }: z.ZodError): string {
  const described = withoutNull(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  if (
    issue?.code === 'unrecognized_keys' &&
    issue.path.length === 0 &&
    !Object.keys(described.properties ?? {}).length
  ) {
    return `${name} has ${issue.keys.map((key) => show(key)).join(', ')}; nothing is allowed there`;
  }
  const nested = issue && nestedFault(name, described, value, issue);
  const given = value === undefined || value === null ? 'missing' : show(value);
  return nested ?? `${name} is ${given}; allowed is ${inWords(described)}`;
}

/** What is wrong with the arguments of a command: `argument 2 of worker.snooze is "x"; allowed is off, 15min, …`. */
export function argumentFault(command: string, args: z.ZodTuple, given: unknown[], error: z.ZodError): string {
  const { items } = args.def;
  if (given.length !== items.length) return `${command} takes ${items.length} arguments; given are ${given.length}`;
  const [issue] = error.issues;
  const index = Number(issue?.path[0] ?? 0);
  const below = new z.ZodError(issue ? [{ ...issue, path: issue.path.slice(1) }] : []);
  return faultIn(`argument ${index + 1} of ${command}`, items[index] as z.ZodType, given[index], below);
}

/** What a body that may be missing holds where it is not. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const [only, ...others] = (schema.anyOf ?? []).filter(({ type }) => type !== 'null');
  return only && !others.length ? only : schema;
}
