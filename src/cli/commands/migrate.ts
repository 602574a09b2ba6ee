import { VdbError } from '../../model/errors.ts';
import { isFindingId } from '../../model/findingId.ts';
import { formatRef, parseRef } from '../../model/ref.ts';
import type { MigrateParams, Plan, TargetMode } from '../../protocol/methods/transfer.ts';
import type { CommandSpec, OptionValues } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { readText } from '../input/inputFile.ts';
import { wholeNumber } from '../numbers.ts';
import { grouped } from '../output/progress.ts';
import { planText } from './planText.ts';
import { WHERE } from './recordOptions.ts';
import { PACE, PROGRESS, verifyLevel } from './transferOptions.ts';
import { printMigration } from './transferResult.ts';

const LARGEST_PLAN_BYTES = 64 * 1024 * 1024;

export const command: CommandSpec = {
  description:
    'Plans, copies and verifies. Without --append or --replace the target must be absent or empty. A plan that would lose anything is refused (24) unless each finding is accepted by id. An interrupted copy is a job that --resume continues.',
  arguments: [
    { name: 'SRC', help: 'collection to copy, as CONNECTION/COLLECTION' },
    { name: 'DST', help: 'where to, as CONNECTION/COLLECTION' },
  ],
  options: [
    WHERE,
    { flags: '--create', help: 'the target must not exist' },
    { flags: '--append', help: 'add to what the target holds' },
    { flags: '--overwrite', help: 'with --append: replace records of the same id' },
    { flags: '--replace', help: 'drop what the target holds first; asks' },
    { flags: '--plan <file>', help: 'carry out this plan, made by --dry-run --json; - for stdin' },
    { flags: '--rename <from=to>', help: 'rename a metadata key, may be given several times', repeat: true },
    ...PACE,
    {
      flags: '--max-errors <n>',
      help: 'records that may fail; the exit status is 22 then',
      parse: wholeNumber,
      default: 0,
    },
    {
      flags: '--verify <level>',
      help: 'none, count, sample:N or full; full up to 1 M records otherwise',
      parse: verifyLevel,
    },
    {
      flags: '--accept-loss <ids>',
      help: 'findings accepted, as ID,…',
      parse: findingIds,
    },
    { flags: '--resume <job>', help: 'continue this job', parse: jobId },
    PROGRESS,
  ],
  dryRun: true,
  examples: [
    { command: 'vdb migrate prod/docs local/docs', text: 'copy and prove that the copy is equal' },
    { command: 'vdb migrate prod/docs local/docs --dry-run --json > plan.json', text: 'what it would do and lose' },
    { command: 'vdb migrate prod/docs local/docs --plan plan.json', text: 'do exactly that' },
    { command: 'vdb migrate --resume 01j9zk', text: 'after an interruption' },
  ],
  async run(context, [source, target], options) {
    const progress = context.progress(options.progress);
    if (options.resume !== undefined) {
      if (context.flags.dryRun) throw new VdbError('usage', '--resume and --dry-run exclude each other');
      const params = { id: options.resume, source: normal(source), target: normal(target), ...pace(options) };
      return printMigration(context, await context.follow('job.resume', params, progress));
    }
    const plan = options.plan === undefined ? undefined : await readPlan(options.plan);
    const params = migrateParams(context, source ?? plan?.source.ref, target ?? plan?.target.ref, options, plan);
    if (context.flags.dryRun) {
      const made = await context.follow('transfer.plan', params, progress);
      if (context.output.forPeople && !context.flags.fields) context.output.text(planText(made));
      else await context.output.one(made);
      return 0;
    }
    if (params.mode === 'replace') await confirmReplace(context, params);
    const result = await context.follow('transfer.migrate', { ...params, ...(plan ? { plan } : {}) }, progress);
    return printMigration(context, result);
  },
};

function migrateParams(
  context: CommandContext,
  source: string | undefined,
  target: string | undefined,
  options: OptionValues,
  plan?: Plan,
): MigrateParams {
  if (source === undefined || target === undefined) {
    throw new VdbError('usage', 'migrate needs SRC and DST', {
      hint: 'Write vdb migrate CONNECTION/COLLECTION CONNECTION/COLLECTION.',
    });
  }
  const { where, append, overwrite = false, maxErrors, verify, acceptLoss = [] } = options;
  const frozen = ['where', 'rename', 'create', 'append', 'replace', 'overwrite'].find(name => options[name]);
  if (plan && frozen) {
    throw new VdbError('usage', `--${frozen} and --plan exclude each other: a plan is executed as it is`, {
      hint: `Make another plan with --${frozen} and --dry-run --json.`,
    });
  }
  if (overwrite && !append) throw new VdbError('usage', '--overwrite belongs to --append');
  return {
    source: context.end(source, true),
    target: context.end(target, false),
    where: plan ? (plan.where ?? undefined) : where,
    mode: plan?.mode ?? modeOf(options) ?? 'default',
    overwrite: plan?.overwrite ?? overwrite,
    rename: plan?.mapping.rename ?? renames(options.rename ?? []),
    maxErrors,
    verify,
    acceptLoss,
    ...pace(options),
  };
}

function modeOf({ create, append, replace }: OptionValues): TargetMode | undefined {
  const modes = [create && 'create', append && 'append', replace && 'replace'].filter(Boolean) as TargetMode[];
  if (modes.length > 1) throw new VdbError('usage', `--${modes[0]} and --${modes[1]} exclude each other`);
  return modes[0];
}

function pace({
  batchBytes,
  concurrency,
  rate,
}: OptionValues): Pick<MigrateParams, 'batchBytes' | 'concurrency' | 'rate'> {
  return { batchBytes, concurrency, rate };
}

/** An id that stands for nothing would be a loss that was meant to be accepted and is not. */
function findingIds(text: string): string[] {
  const ids = text.split(',').filter(Boolean);
  const unknown = ids.find(id => !isFindingId(id));
  if (unknown === undefined) return ids;
  throw new VdbError('usage', `--accept-loss: '${unknown}' is the id of no finding`, {
    hint: "'vdb migrate SRC DST --dry-run' lists the findings, such as vector.NAME.normalized or field.NAME.float_precision.",
  });
}

/** Empty is what an unset variable of a script leaves; it must not become another kind of call. */
function jobId(text: string): string {
  if (text !== '') return text;
  throw new VdbError('usage', '--resume names no job', { hint: "'vdb job list' shows the jobs." });
}

function renames(texts: string[]): Record<string, string> {
  const rename: [string, string][] = texts.map(text => {
    const equals = text.indexOf('=');
    if (equals > 0 && equals < text.length - 1) return [text.slice(0, equals), text.slice(equals + 1)];
    throw new VdbError('usage', `--rename '${text}' is not FROM=TO`);
  });
  return Object.fromEntries(rename);
}

async function readPlan(path: string): Promise<Plan> {
  const text = await readText(path, LARGEST_PLAN_BYTES);
  try {
    const plan = JSON.parse(text) as Plan;
    if (plan.version === 1 && plan.source.ref && plan.target.ref && plan.mapping.rename) return plan;
  } catch {
    // Said below, without the parser's quotation of the file.
  }
  throw new VdbError('invalid', `${path} is not a plan`, {
    hint: "Make one with 'vdb migrate SRC DST --dry-run --json'.",
  });
}

async function confirmReplace(context: CommandContext, params: MigrateParams): Promise<void> {
  await context.confirm(async () => {
    const { target } = await context.call('transfer.plan', params);
    const count = target.count === null ? 'nothing' : `${grouped(target.count)} records`;
    return `Replace ${target.ref} at ${target.endpoint}, which holds ${count}`;
  });
}

function normal(ref: string | undefined): string | undefined {
  return ref === undefined ? undefined : formatRef(parseRef(ref));
}
