/** Milliseconds on a clock that only goes forward. Like performance.now(), whose first use takes 1 ms of a short command. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
