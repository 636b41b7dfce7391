export { bytesOf } from './copies';
export type { Head } from './shared-create';
export { createWrapper } from './wrap';
