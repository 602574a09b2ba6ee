import type { MethodName } from '../../protocol/methods/methods.ts';
import type { Request } from '../handler.ts';
import type { Services } from '../services.ts';

/**
 * Tells that a job started, once `run` says so by its argument, and what became of it. A run that ends before there is a job, or
 * that finds another process at it, tells nothing.
 */
export async function tellingJob<T>(
  id: string,
  { context: { session } }: Request<MethodName>,
  { jobs, events }: Services,
  run: (started: () => void) => Promise<T>,
): Promise<T> {
  const facts = async () => {
    const { state, source, target } = await jobs.show(id);
    return { job: id, source, target, state };
  };
  let starting: Promise<void> | undefined;
  const start = (): Promise<void> => {
    starting ??= facts().then(
      job => events.tell('job.started', { ...job, state: 'running' }, { session }),
      // There is no job yet, or its files cannot be read: the run itself says so.
      () => undefined,
    );
    return starting;
  };
  const end = async (): Promise<void> => {
    const job = await facts().catch(() => null);
    if (job === null || job.state === 'running') return;
    await start();
    events.tell(`job.${job.state}`, job, { session });
  };
  try {
    return await run(start);
  } finally {
    await end();
  }
}
