import { execFile, execFileSync } from 'node:child_process';

/** Runs a command to its end and gives its output; rejects with what it said when it fails. `input` goes to its stdin. */
export function run(
  command: string,
  args: readonly string[],
  input: string | null = null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
    child.stdin?.on('error', () => undefined); // it need not read what it is given
    if (input !== null) child.stdin?.end(input);
  });
}

/** Whether this machine can hold a lab: Linux, root, network namespaces and nftables. The reason why not, or null. */
export function labObstacle(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const program of ['ip', 'nft']) {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      return `the program ${program} is not installed`;
    }
  }
  return null;
}

/** Milliseconds of CLOCK_MONOTONIC: one clock for all processes of a machine that does not sleep, finer than boot time. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
