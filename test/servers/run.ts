import { execa, type Options } from 'execa';

/** Runs a tool to its end; what it says goes to stderr only when it fails. A missing tool is said as such. */
export async function run(command: string, args: string[], options: Options = {}): Promise<string> {
  const result = await execa(command, args, { reject: false, stdin: 'ignore', all: true, ...options });
  if (result.exitCode === 0) return String(result.stdout);
  if (result.code === 'ENOENT') throw new Error(`${command} is not installed on this machine`);
  if (result.code === 'EACCES') throw new Error(`${command} cannot be run: ${result.shortMessage}`);
  throw new Error(
    `${command} ${args[0] ?? ''} failed: ${
      String(result.all ?? '')
        .trim()
        .slice(-2_000) || result.shortMessage
    }`,
  );
}
