import { homedir } from 'node:os';

/** The user's home directory; `/`, where such a user's programs start, for one who has none. */
export function homeDirectory(): string {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}
