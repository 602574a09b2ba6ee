import { doneResult, resume } from '../../core/transfer/resume.ts';
import { parseRef } from '../../model/ref.ts';
import type { JobMethods } from '../../protocol/methods/job.ts';
import type { Handlers } from '../handler.ts';
import { tellingJob } from './jobEvents.ts';
import { refuseReadOnly } from './lease.ts';
import { progressOf, tuningOf, withEnd, withEnds } from './transferEnds.ts';

export const jobHandlers: Handlers<keyof JobMethods> = {
  async 'job.list'({ state }, _request, services) {
    const { jobRetentionMs } = await services.settings.values();
    await services.jobs.sweep(jobRetentionMs);
    return services.jobs.list(state);
  },

  async 'job.show'({ id }, _request, services) {
    return services.jobs.show(id);
  },

  async 'job.resume'(params, request, services) {
    const { id } = params;
    const plan = await services.jobs.plan(id);
    const named = params.source !== undefined || params.target !== undefined;
    const done = named ? null : await doneResult(services.jobs, id);
    if (done) return done;
    const source = parseRef(params.source ?? plan.sourceRef);
    const target = parseRef(params.target ?? plan.targetRef);
    const tuning = await tuningOf(params, services);
    return withEnds({ source, target }, { writes: true, job: id }, request, services, (from, to) =>
      tellingJob(id, request, services, started => {
        started();
        return resume(id, {
          ...{ store: services.jobs, source: from, target: to, tuning },
          ...{ call: request.call, onProgress: progressOf(request) },
        });
      }),
    );
  },

  /** What the source holds for the job is let go at once when it can be reached, else with the next job on it. */
  async 'job.remove'({ id, dryRun }, request, services) {
    refuseReadOnly(request.context);
    const { sourceRef, pin } = await services.jobs.plan(id);
    if (dryRun) return { id, removed: false };
    const { state } = await services.jobs.show(id);
    await services.jobs.remove(id);
    services.events.tell('job.removed', { job: id }, { session: request.context.session });
    if (state !== 'done') {
      await withEnd(parseRef(sourceRef), undefined, request, services, async ({ database }) => {
        await database.release?.(pin, request.call);
      }).catch(error => services.log.warn('release', { job: id, pin, error }));
    }
    return { id, removed: true };
  },
};
