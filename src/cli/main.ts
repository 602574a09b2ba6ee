import { VdbError } from '../model/errors.ts';
import type { CommandEntry } from './command.ts';
import { CommandContext } from './context.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { GlobalValues } from './globalOptions.ts';
import { Interrupts } from './interrupts.ts';
import { askedFormat, locate } from './locate.ts';
import { type Format, isFormat } from './output/format.ts';
import { Output } from './output/output.ts';
import { Stderr } from './output/stderr.ts';
import { Stdout, StdoutClosed } from './output/stdout.ts';
import { parse, Shown } from './parse.ts';

const stdout = new Stdout();
const stderr = new Stderr();
const interrupts = new Interrupts();

async function main(argv: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const { entry, words, rest } = locate(argv);
  try {
    if (entry) return await perform(entry, rest, environment);
    const { rootHelp } = await import('./rootHelp.ts');
    stdout.put(rootHelp(words, rest).text);
    await stdout.finish();
    return 0;
  } catch (error) {
    if (error instanceof StdoutClosed) return interrupts.exit ?? 0;
    const format = askedFormat(argv) ?? environment.output;
    const context = {
      op: words.join(' ') || 'vdb',
      json: format === 'json' || format === 'ndjson',
      interrupted: interrupts.error,
    };
    const { reportError } = await import('./reportError.ts');
    return reportError(error, stderr, context);
  }
}

async function perform(entry: CommandEntry, words: readonly string[], environment: Environment): Promise<number> {
  const { command } = await entry.load();
  const parsed = parse(entry, command, words);
  if (parsed instanceof Shown) {
    stdout.put(parsed.text);
    await stdout.finish();
    return 0;
  }
  const { args, options, flags } = parsed;
  const context = new CommandContext({
    flags,
    environment,
    output: new Output(stdout, outputOptions(flags, environment)),
    stderr,
    interrupts,
    op: entry.path.join(' '),
  });
  if (flags.dryRun && !command.dryRun) {
    throw new VdbError('usage', `'vdb ${context.op}' changes no data, so it has no --dry-run`);
  }
  if (!command.handlesSignals) interrupts.listen();
  try {
    const status = await command.run(context, args, options);
    return interrupts.exit ?? status ?? 0;
  } finally {
    // Also what was found before a failure: `get` prints the records it has, then fails for the missing.
    await stdout.finish().catch(error => {
      throw ofResult(error, context);
    });
    await context.close();
  }
}

/** A result that cannot be printed does not undo what was done: who repeats the command must know. */
function ofResult(error: unknown, { effect }: CommandContext): unknown {
  if (!(error instanceof VdbError) || effect === undefined) return error;
  return new VdbError(error.code, error.message, { ...error.details, outcome: effect, retryable: false });
}

function outputOptions(flags: GlobalValues, environment: Environment): ConstructorParameters<typeof Output>[1] {
  const format = flags.json ? 'json' : (flags.output ?? environmentFormat(environment));
  return {
    ...(format ? { format } : {}),
    ...(flags.fields ? { fields: flags.fields } : {}),
    headers: flags.headers,
    color: flags.color && !environment.noColor && (stdout.isTerminal || environment.forceColor),
  };
}

function environmentFormat({ output }: Environment): Format | undefined {
  if (output === undefined || isFormat(output)) return output;
  throw new VdbError('usage', `VDB_OUTPUT is '${output}', which is no output format`, {
    hint: 'Use table, json, ndjson or csv.',
  });
}

// A throw in a callback has no command to report it.
process.on('uncaughtException', error => {
  stderr.line(`vdb: ${error.message}\nhint: This is a bug in vdb; please report it.`);
  stderr.finish().then(() => process.exit(1));
});

// Everything was handed to the operating system before this, so leaving cuts nothing off; waiting for open handles
// (stdin, the socket) would only take time.
main(process.argv.slice(2)).then(async status => {
  await stderr.finish();
  process.exit(status);
});
