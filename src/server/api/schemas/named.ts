import type { z } from 'zod';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/**
 * The schema of a type of the vocabulary, which stays the one truth: where the two differ it does not compile.
 * `id`: its name in the OpenAPI document.
 */
export function describes<T>() {
  return <S extends z.ZodType>(id: string, schema: Same<z.output<S>, T> extends true ? S : never): S =>
    schema.meta({ id }) as S;
}
