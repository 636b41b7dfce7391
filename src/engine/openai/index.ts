export { bytesOf } from './copies';
export type { Head } from './shared-create';
export { createWrapper, type OpenAIClient } from './wrap';
