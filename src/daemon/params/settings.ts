import { none, type ParamsSchemas } from './shared.ts';

export const settingsParams: ParamsSchemas<'daemon.settings'> = { 'daemon.settings': none };
