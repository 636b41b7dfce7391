import { z } from 'zod';

/** Numbers that several settings are, by their default and bounds. */

export const minutes = (initial: number) => z.number().min(1).max(525_600).default(initial);
export const secs = (initial: number, max = 86_400) => z.number().min(1).max(max).default(initial);
export const ms = (initial: number, min = 0, max = 86_400_000) => z.number().int().min(min).max(max).default(initial);
/** 0: any that is free. */
export const port = (initial: number) => z.number().int().min(0).max(65_535).default(initial);
