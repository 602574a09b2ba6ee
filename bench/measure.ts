import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

export interface Row {
  id: string;
  what: string;
  measured: string;
  reference: string;
  /** measured ÷ reference, in the sense that `reach` is written in. */
  ratio: number;
  reach: string;
}

export interface Command {
  file: string;
  args: string[];
  options?: SpawnSyncOptions;
  /** Runs before each measured run, outside of the clock. */
  before?: () => void;
}

/** Whole-process wall times in milliseconds, of two commands run in turns so that the machine's drift meets both. */
export function inTurns(a: Command, b: Command, runs: number, warmup = 3): { a: number; b: number; ratio: number } {
  const times: { a: number[]; b: number[] } = { a: [], b: [] };
  for (let i = -warmup; i < runs; i++) {
    const [timeA, timeB] = [wall(a), wall(b)];
    if (i < 0) continue;
    times.a.push(timeA);
    times.b.push(timeB);
  }
  return { a: median(times.a), b: median(times.b), ratio: median(times.a.map((time, i) => time / times.b[i]!)) };
}

export function wall({ file, args, options, before }: Command): number {
  before?.();
  const started = process.hrtime.bigint();
  const result = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28, ...options });
  const took = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
  return took;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')} records/s`;
