/**
 * A name in a dnsmasq hosts directory (`--hostsdir`): one file a name, replaced whole.
 *
 * Invariants
 * 1. The file is written under a dot name in the same folder (dnsmasq ignores those), synced, made readable for
 *    dnsmasq's user, and renamed: dnsmasq reads the old file or the new one, never a part and never neither.
 * 2. A file that carries a newer epoch is left alone.
 * 3. Nothing is written while another file in the folder gives the name another address: that would be two answers.
 * 4. dnsmasq before 2.88 keeps the old address beside the new one until SIGHUP: it gets one, or the change is refused.
 */
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { delay, errorText, ok } from '../../base/index.ts';
import type { Clock, Random, Result } from '../../base/index.ts';
import { epochMark, readEpochMark } from './epoch-mark.ts';
import { superseded, wrong } from './failures.ts';
import { parseHostsLine } from './hosts-lines.ts';
import type { Applied, DnsChange, DnsFailure, DnsProvider, DnsReading, Resolver } from './model.ts';
import { familyOf } from './names.ts';

interface DnsmasqOptions {
  /** A checked name. */
  readonly name: string;
  readonly hostsDir: string;
  /** Where dnsmasq writes its process id; needed for dnsmasq before 2.88 only. */
  readonly pidFile?: string | undefined;
  /** Asks this very dnsmasq: for its version, and in `test` whether it reads the folder. */
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
}

/** For documentation (RFC 5737): nobody has it. */
const testAddress = '192.0.2.1';
const testWaits = 40;
const testWaitMs = 50;
/** Larger files in the folder are block lists; they are read too, but not without end. */
const maxFileBytes = 64 * 1024 * 1024;

/** Opens the file of a name, which need not be there yet. */
export function dnsmasqProvider(options: DnsmasqOptions): DnsProvider {
  const { name, hostsDir } = options;
  const fileName = `switchyard-${name}`;
  const path = join(hostsDir, fileName);

  const read = async (): Promise<Result<DnsReading, DnsFailure>> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return ok({ addresses: [], ttlSeconds: null, epoch: null });
      return wrong(folderWords(hostsDir, error));
    }
    const addresses = text
      .split('\n')
      .map(parseHostsLine)
      .flatMap((line) => (line?.names.includes(name) === true ? [line.address] : []));
    return ok({ addresses, ttlSeconds: null, epoch: readEpochMark(text) });
  };

  const apply = async (change: DnsChange): Promise<Result<Applied, DnsFailure>> => {
    const held = await read();
    if (!held.ok) return held;
    if (held.value.epoch !== null && held.value.epoch > change.epoch)
      return superseded(path, held.value.epoch, change.epoch);
    const rival = await findRival(hostsDir, fileName, name, change.address);
    if (!rival.ok) return rival;
    const reload = await reloadOf(options);
    if (!reload.ok) return reload;
    const { addresses, epoch } = held.value;
    const isDone =
      epoch === change.epoch && addresses.length === 1 && addresses[0] === change.address;
    if (!isDone) {
      try {
        await replaceFile(hostsDir, fileName, fileText(change));
      } catch (error) {
        return wrong(folderWords(hostsDir, error));
      }
    }
    const told = reload.value === null ? ok(undefined) : await hangUp(reload.value);
    if (!told.ok) return told;
    const after = await read();
    if (!after.ok) return after;
    if (after.value.epoch !== null && after.value.epoch > change.epoch)
      return superseded(path, after.value.epoch, change.epoch);
    return ok({
      address: change.address,
      ttlSeconds: null,
      detail: isDone ? `${path} held it already.` : `${path} was replaced.`,
    });
  };

  return {
    kind: 'dnsmasq',
    name,
    whenUnseen: `Look whether dnsmasq runs with --hostsdir=${hostsDir} and whether its user may read that folder.`,
    apply,
    read,
    test: async () => {
      const rival = await findRival(hostsDir, fileName, name, null);
      if (!rival.ok) return rival;
      const reload = await reloadOf(options);
      if (!reload.ok) return reload;
      return await testFolder(options);
    },
    close: async () => {
      // Nothing is held open.
    },
  };
}

function fileText({ name, address, epoch }: DnsChange): string {
  return `# ${epochMark(epoch)}; written by Switchyard's guardian, which will write it again\n${address} ${name}\n`;
}

/** Writes a record of a name that nobody asks for and looks whether dnsmasq gives it. */
async function testFolder(options: DnsmasqOptions): Promise<Result<string, DnsFailure>> {
  const { hostsDir, resolver, clock, random } = options;
  const id = random.id().slice(0, 8).toLowerCase();
  const fileName = `switchyard-test-${id}`;
  const probe = `switchyard-test-${id}.invalid`;
  try {
    await replaceFile(hostsDir, fileName, `${testAddress} ${probe}\n`);
  } catch (error) {
    return wrong(folderWords(hostsDir, error));
  }
  try {
    for (let attempt = 0; attempt < testWaits; attempt += 1) {
      const answer = await resolver.addresses(probe, 4);
      if (answer.kind === 'addresses' && answer.addresses.includes(testAddress))
        return ok(
          `dnsmasq at ${resolver.server} reads ${hostsDir}: a test record written there was answered.`,
        );
      if (answer.kind === 'silent') return wrong(answer.detail);
      await delay(clock, testWaitMs);
    }
    return wrong(
      `The folder ${hostsDir} can be written, but the resolver ${resolver.server} does not give what is written there. Start dnsmasq with --hostsdir=${hostsDir} (not --addn-hosts), let its user read the folder, and check through this dnsmasq ("resolver").`,
    );
  } finally {
    await rm(join(hostsDir, fileName), { force: true });
  }
}

/** The pid file to use after a change, or null where dnsmasq notices by itself. */
async function reloadOf(options: DnsmasqOptions): Promise<Result<string | null, DnsFailure>> {
  const version = dnsmasqVersion(await options.resolver.version());
  // A server that does not say its version gets the signal where that is possible; the resolver check has the last word.
  if (version === null) return ok(options.pidFile ?? null);
  if (version[0] > 2 || (version[0] === 2 && version[1] >= 88)) return ok(null);
  if (options.pidFile !== undefined) return ok(options.pidFile);
  return wrong(
    `dnsmasq ${version.join('.')} would answer with both addresses after a change (it only notices removals since 2.88). Update it, or give its pid file ("pidFile"), so that it can be told.`,
  );
}

/** `dnsmasq-2.90` or Pi-hole's `dnsmasq-pi-hole-v2.91`, as major and minor; null: not a dnsmasq, or it does not say. */
export function dnsmasqVersion(text: string | null): readonly [number, number] | null {
  const found = /^dnsmasq-(?:pi-hole-)?v?(\d+)\.(\d+)/u.exec(text ?? '');
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

async function hangUp(pidFile: string): Promise<Result<undefined, DnsFailure>> {
  try {
    const pid = Number((await readFile(pidFile, 'utf8')).trim());
    if (!Number.isSafeInteger(pid) || pid < 2) throw new Error('it holds no process id');
    // A stale pid file may name somebody else's process by now, and SIGHUP ends most programs.
    if (process.platform === 'linux') {
      const program = (await readFile(`/proc/${String(pid)}/comm`, 'utf8')).trim();
      if (!/dnsmasq|pihole-FTL/u.test(program))
        throw new Error(`process ${String(pid)} is ${program}, not dnsmasq`);
    }
    process.kill(pid, 'SIGHUP');
    return ok(undefined);
  } catch (error) {
    return wrong(
      `dnsmasq could not be told to read its folder again (${pidFile}: ${errorText(error)}). Until it is, clients get both addresses. Correct "pidFile", or update dnsmasq to 2.88.`,
    );
  }
}

/** Looks for another file that gives the name an address other than `address` (null: any address). */
async function findRival(
  hostsDir: string,
  ownFile: string,
  name: string,
  address: string | null,
): Promise<Result<undefined, DnsFailure>> {
  try {
    for (const file of await readdir(hostsDir)) {
      const ignoredByDnsmasq = /^\.|~$|^#.*#$/u.test(file);
      if (ignoredByDnsmasq || file === ownFile) continue;
      const path = join(hostsDir, file);
      const status = await lstat(path);
      if (status.isDirectory()) continue;
      if (status.size > maxFileBytes)
        return wrong(`${path} is too large to be searched for ${name}; move it elsewhere.`);
      const lines = (await readFile(path, 'utf8')).split('\n');
      for (const [index, text] of lines.entries()) {
        const line = text.toLowerCase().includes(name) ? parseHostsLine(text) : null;
        if (line?.names.includes(name) !== true || line.address === address) continue;
        return wrong(
          `${path}, line ${String(index + 1)}, gives ${name} the ${
            address !== null && familyOf(line.address) !== familyOf(address)
              ? 'other-family address'
              : 'address'
          } ${line.address}. Clients would get two answers; take ${name} out of that file.`,
        );
      }
    }
    return ok(undefined);
  } catch (error) {
    return wrong(folderWords(hostsDir, error));
  }
}

/** Invariant 1. Throws what the disk does. */
async function replaceFile(folder: string, fileName: string, text: string): Promise<void> {
  const beside = join(folder, `.${fileName}.new`);
  // A file left by a crash is removed first: creating it exclusively follows no link that somebody may have put there.
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.chmod(0o644); // whatever the umask is, dnsmasq's user must be able to read it
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, join(folder, fileName));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function folderWords(hostsDir: string, error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `The folder ${hostsDir} is not there. Make it, and start dnsmasq with --hostsdir=${hostsDir}.`;
    case 'ENOTDIR':
      return `${hostsDir} is not a folder. Give the folder that dnsmasq has as --hostsdir.`;
    case 'EACCES':
    case 'EPERM':
      return `The guardian may not write in ${hostsDir}. Give its user that folder (chown), and let dnsmasq's user read it.`;
    case 'EROFS':
      return `${hostsDir} is on a read-only file system.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk of ${hostsDir} is full.`;
    default:
      return `${hostsDir} cannot be used: ${errorText(error)}`;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}
