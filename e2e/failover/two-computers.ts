/** What `run-two-computers.ts` tells the tests that it starts on host A. */
export interface TwoComputers {
  /** Where host B keeps what it writes. */
  readonly folderOfB: string;
  readonly namespaceOfB: string;
  /** The folder that dnsmasq reads. */
  readonly hostsDir: string;
  /** The file with the secret of the witness. */
  readonly secretFile: string;
}

/** The lab that these tests run in; throws where they were started without one. */
export function twoComputers(): TwoComputers {
  const told = process.env['SWITCHYARD_TWO_COMPUTERS'];
  if (told === undefined)
    throw new Error('These tests need two computers; run “npm run test:two-computers”.');
  return JSON.parse(told) as TwoComputers;
}
