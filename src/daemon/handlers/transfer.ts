import { migrate } from '../../core/transfer/migrate.ts';
import { releaseOrphanPins } from '../../core/transfer/pins.ts';
import { makePlan } from '../../core/transfer/plan.ts';
import { fingerprint, verifyEnds, verifyJob } from '../../core/transfer/verifyEnds.ts';
import { VdbError } from '../../model/errors.ts';
import { parseRef } from '../../model/ref.ts';
import type { TransferMethods } from '../../protocol/methods/transfer.ts';
import type { Handlers } from '../handler.ts';
import { tellingJob } from './jobEvents.ts';
import { progressOf, tuningOf, withEnd, withEnds } from './transferEnds.ts';

export const transferHandlers: Handlers<keyof TransferMethods> = {
  async 'transfer.plan'(params, request, services) {
    const { where = null, mode, overwrite, rename } = params;
    return withEnds(params, { writes: false }, request, services, async (source, target) => {
      const asked = { where, mode, overwrite, rename, dryRun: true };
      return (await makePlan(source, target, asked, request.call)).plan;
    });
  },

  async 'transfer.migrate'(params, request, services) {
    const { where = null, mode, overwrite, rename, maxErrors, verify = null, acceptLoss, plan } = params;
    const id = services.jobs.newId();
    const tuning = await tuningOf(params, services);
    const progress = progressOf(request);
    return withEnds(params, { writes: true, job: id }, request, services, async (source, target) => {
      await releaseOrphanPins(source.database, services.jobs, request.call);
      const asked = { where, mode, overwrite, rename, maxErrors, verify, acceptLoss, ...(plan ? { plan } : {}) };
      return tellingJob(id, request, services, started => {
        const onProgress: typeof progress = (...report) => {
          started();
          progress(...report);
        };
        return migrate(id, asked, { store: services.jobs, source, target, tuning, call: request.call, onProgress });
      });
    });
  },

  async 'transfer.verify'({ source, target, job, level }, request, services) {
    if (level === 'none') throw new VdbError('usage', "'none' is no level of comparison");
    const plan = job === undefined ? null : await services.jobs.plan(job);
    const ends = plan ? { source: parseRef(plan.sourceRef), target: parseRef(plan.targetRef) } : { source, target };
    if (!ends.source || !ends.target) throw new VdbError('usage', 'verify takes two collections, or a job');
    const tuning = await tuningOf({}, services);
    const progress = progressOf(request);
    let done = 0;
    const options = { level, tuning, onRead: (records: number) => progress((done += records), null) };
    const both = { source: ends.source, target: ends.target };
    return withEnds(both, { writes: false }, request, services, (from, to) =>
      plan
        ? verifyJob(services.jobs, plan, from, to, options, request.call)
        : verifyEnds(from, to, options, request.call),
    );
  },

  async 'transfer.fingerprint'({ target }, request, services) {
    const progress = progressOf(request);
    let done = 0;
    return withEnd(target, undefined, request, services, end =>
      fingerprint(end, records => progress((done += records), null), request.call),
    );
  },
};
