import type { Handlers } from '../handler.ts';

export const settingsHandlers: Handlers<'daemon.settings'> = {
  'daemon.settings': (_params, _request, { settings }) => settings.list(),
};
