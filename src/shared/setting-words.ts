/** What settings allow and what is wrong with a value, in words, from their schemas alone. */

/** What this needs of a JSON schema. */
export interface JsonSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  propertyNames?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
}

/** What a check found wrong: where, and, for names that are not known, which. */
export interface SchemaIssue {
  path: PropertyKey[];
  code?: string;
  keys?: string[];
}

/** What a schema allows: `a whole number from 0 to 600000`, `show or end`. `items`: what its lists hold. */
export function inWords(schema: JsonSchema, items = 'texts'): string {
  if (schema.anyOf) return schema.anyOf.map((each) => inWords(each, items)).join(' or ');
  if (schema.enum) return oneOf(schema.enum, 'or');
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${items}`;
    case 'object':
      return objectInWords(schema);
    default:
      return String(schema.type);
  }
}

function objectInWords({ properties, propertyNames, additionalProperties }: JsonSchema): string {
  if (propertyNames?.enum && typeof additionalProperties === 'object') {
    return `an object with ${oneOf(propertyNames.enum, 'or')}, each of them ${inWords(additionalProperties)}`;
  }
  const fields = Object.entries(properties ?? {}).map(([name, schema]) => `${name}: ${allowedFor(name, schema)}`);
  return `{${fields.join('; ')}}`;
}

/** Inside an object the unit stands in the name alone. */
function allowedFor(name: string, schema: JsonSchema): string {
  const unit = name.endsWith('Secs') ? ' (s)' : name.endsWith('Ms') ? ' (ms)' : '';
  return inWords(schema) + unit;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  if (low === undefined) return '';
  return exclusiveMinimum === undefined ? ` from ${low} to ${high}` : ` between ${low} and ${high}`;
}

/** `a, b or c`. */
function oneOf(words: readonly string[], joint: 'or' | 'and'): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;
}

const MAX_SHOWN = 80;

/** A value as in JSON, cut. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * Where inside an object a value is wrong, and what is allowed there: `endingPolicy.workbench.afterSecs is -1; allowed is
 * a number from 0 to 86400 (s)`. Null: the value is wrong as a whole, or lies in a list, of which one speaks as a whole.
 */
export function nestedFault(key: string, schema: JsonSchema, value: unknown, issue: SchemaIssue): string | null {
  let at = schema;
  let found = value;
  let path = key;
  for (const step of issue.path) {
    const name = String(step);
    const below = at.properties?.[name] ?? at.additionalProperties;
    if (typeof below !== 'object' || typeof found !== 'object' || found === null) return null;
    at = below;
    found = (found as Record<string, unknown>)[name];
    path += `.${name}`;
  }
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    const known = at.propertyNames?.enum ?? Object.keys(at.properties ?? {});
    return `${path} has ${issue.keys.map((name) => show(name)).join(', ')}; known are ${oneOf(known, 'and')}`;
  }
  if (path === key) return null;
  return `${path} is ${show(found)}; allowed is ${allowedFor(String(issue.path.at(-1)), at)}`;
}
