import { spawn } from 'node:child_process';
import type { CommandSpec } from '../command.ts';
import { daemonScript } from '../daemonClient.ts';
import { wholeEnvironment } from '../environment.ts';
import { allowed, SHELL } from '../spawnDaemon.ts';

export const command: CommandSpec = {
  description: 'For service managers and debugging. Ends on SIGTERM and Ctrl-C, with the status of vdbd.',
  examples: [{ command: 'vdb daemon run', text: 'as systemd would start it' }],
  handlesSignals: true,
  run() {
    const child = spawn('/bin/sh', [...SHELL, process.execPath, daemonScript()], {
      stdio: 'inherit',
      env: allowed(wholeEnvironment()),
    });
    // The terminal sends Ctrl-C to both; a service manager's SIGTERM reaches only this process.
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    process.on('SIGINT', () => undefined);
    return new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 143 : 130)));
    });
  },
};
