import { runDaemon } from './run.ts';

await runDaemon(process.argv.slice(2), process.env, async host => {
  const [{ assemble }, { registry }] = await Promise.all([
    import('./assemble.ts'),
    import('../connectors/registry.ts'),
  ]);
  return assemble(host, registry);
});
