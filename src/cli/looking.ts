import type { Context, Given } from './command';
import { type DIRECTORY_OPTIONS, givenDirectories } from './directories';
import type { Looking } from './pictures';
import { settingsInForce } from './settings';

/** Where a command looks that takes directories. */
export function lookingOf(given: Given<keyof typeof DIRECTORY_OPTIONS>, context: Context): Looking {
  return {
    context,
    settings: settingsInForce(context.environment, {}, context),
    given: givenDirectories(given, context),
  };
}
