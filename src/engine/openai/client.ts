/** What a client of the `openai` package must have of its shape. */
export interface OpenAIClient {
  responses?: { create(...args: never[]): unknown };
  chat?: { completions: { create(...args: never[]): unknown } };
}
