import { join } from 'node:path';
import { app } from 'electron';
import { parseLayer } from '../shared/settings';
import { ownArguments, readOptions } from './options';
import { registerPageScheme } from './page';
import { run } from './run';
