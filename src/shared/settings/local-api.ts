import { z } from 'zod';
import { port } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Local API');

export const localApi = {
  apiEnabled: setting(z.boolean().default(true), {
    title: 'Local API',
    description:
      'Answers programs on this machine that know the token. Without it nothing else can use the engine of this one.',
  }),
  apiPort: setting(port(4747), {
    title: 'Port of the API',
    description: 'On 127.0.0.1. 0, or where it is taken: any that is free.',
  }),
};
