/** What settings allow and what is wrong with a value, in words, from their schemas alone. */

/** What this needs of a JSON schema. */
export interface JsonSchema {
  type?: string;
  /** Of a text: what it has to be, such as `two times of day`. */
  description?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
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
    case 'string':
      return schema.description ?? 'a text';
    case 'array':
      return `a list of ${itemsInWords(schema.items, items)}`;
    case 'object':
      return objectInWords(schema);
    default:
      return String(schema.type);
  }
}

function itemsInWords(schema: JsonSchema | undefined, items: string): string {
  if (schema?.enum) return oneOf(schema.enum, 'and');
  return schema?.type === 'object' ? objectInWords(schema) : items;
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
  const unit = UNITS.find(([ending]) => name.endsWith(ending))?.[1];
  return inWords(schema) + (unit ? ` (${unit})` : '');
}

const UNITS = [
  ['Secs', 's'],
  ['Ms', 'ms'],
  ['Minutes', 'min'],
] as const;

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
  return cut(showWhole(value));
}

/** A value as in JSON, whole. Addresses may hold passwords, and messages go to terminals and logs: they are left out. */
export function showWhole(value: unknown): string {
  const masked = (_key: string, each: unknown) =>
    typeof each === 'string' ? each.replace(/\/\/[^/?#]*@/g, '//…@') : each;
  return JSON.stringify(value, masked) ?? String(value);
}

export function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * Where inside an object a value is wrong, and what is allowed there: `endingPolicy.workbench.afterSecs is -1; allowed is
 * a number from 0 to 86400 (s)`. Null: the value is wrong as a whole, or lies in a list of words, of which one speaks as
 * a whole; of a list of objects the one that is wrong is named by its place: `taskLists[0].path`.
 */
export function nestedFault(key: string, schema: JsonSchema, value: unknown, issue: SchemaIssue): string | null {
  let at = schema;
  let found = value;
  let path = key;
  for (const step of issue.path) {
    const name = String(step);
    const below = schemaBelow(at, name);
    if (!below && at.items) break; // Of a list of words the whole speaks.
    if (!below || typeof found !== 'object' || found === null) return null;
    at = below;
    found = (found as Record<string, unknown>)[name];
    path += typeof step === 'number' ? `[${name}]` : `.${name}`;
  }
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    const known = at.propertyNames?.enum ?? Object.keys(at.properties ?? {});
    return `${path} has ${issue.keys.map((name) => show(name)).join(', ')}; known are ${oneOf(known, 'and')}`;
  }
  if (path === key) return null;
  return `${path} is ${found === undefined ? 'missing' : show(found)}; allowed is ${allowedFor(path, at)}`;
}

function schemaBelow({ properties, additionalProperties, items }: JsonSchema, name: string): JsonSchema | null {
  if (items) return items.type === 'object' ? items : null;
  const below = properties?.[name] ?? additionalProperties;
  return typeof below === 'object' ? below : null;
}
