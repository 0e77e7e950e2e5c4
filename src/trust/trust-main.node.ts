import { runTrust } from './trust-cli.node.ts';

process.exitCode = await runTrust(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
