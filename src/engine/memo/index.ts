export { createMemo } from './create-memo';
export type { Answer, AnswerFrom, Memo, MemoCall, MemoLimits, MemoOptions, SharedAnswer } from './types';
export { MemoClosedError } from './types';
