/**
 * The guided set-up of a pair: what the person has filled in (text as typed, so that nothing typed is lost), what the app
 * offers, and what a test found. No secret is part of it: those are asked for in the overlay and stay in main.
 */
import type { DomainId, FailoverProfile } from './model.ts';

export const tsigAlgorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

/** How the files of the two workspaces are kept in step: memory, persona, skills. */
export const filesWays = ['sync', 'shared-folder', 'git', 'none'] as const;

/** The same, as the settings have it. `remote`: what git calls the place that both reach. */
export type PairWorkspace =
  | { readonly kind: 'sync' | 'shared-folder' | 'none' }
  | { readonly kind: 'git'; readonly remote: string };

/** What is chosen for a pair, and what decides about the other choices. */
export interface FilesChoice {
  readonly workspace: PairWorkspace;
  /** The program git is installed on this computer. */
  readonly hasGit: boolean;
  /** The pair has a guardian on another computer, with a choice of its own. */
  readonly two: boolean;
}

/** Every field of the form. Which of them count follows from `place`, `second`, `register` and `dns`. */
export interface PairForm {
  readonly place: 'this-computer' | 'two-computers';
  /** The gateway of this computer. */
  readonly gatewayId: string;
  /** The other one: made new on this computer, one that is set up already, or named by its address. */
  readonly second: 'new' | 'existing' | 'elsewhere';
  readonly secondName: string;
  readonly secondId: string;
  readonly secondUrl: string;
  /** SHA-256 of the certificate of a gateway that made its own; empty where the system trusts it. */
  readonly secondFingerprint: string;
  /** What the gateway of this computer is. */
  readonly here: 'primary' | 'standby';
  readonly name: string;
  readonly profile: FailoverProfile;
  /** Whether the role goes back to the primary by itself. */
  readonly preempt: boolean;
  readonly preemptDelay: string;
  readonly files: PairWorkspace['kind'];
  readonly gitRemote: string;
  readonly hereAddress: string;
  readonly thereAddress: string;
  readonly peerPort: string;
  readonly register: 'witness' | 'rfc2136';
  readonly witnessHost: string;
  readonly witnessPort: string;
  readonly bindServer: string;
  readonly bindPort: string;
  readonly bindZone: string;
  readonly bindName: string;
  readonly bindKeyName: string;
  readonly bindTtl: string;
  readonly bindAlgorithm: (typeof tsigAlgorithms)[number];
  readonly dns: 'none' | 'dnsmasq' | 'pihole' | 'cloudflare' | 'route53';
  readonly dnsName: string;
  readonly dnsResolver: string;
  readonly dnsmasqFolder: string;
  readonly piholeUrl: string;
  readonly dnsZoneId: string;
  readonly route53KeyId: string;
  readonly dnsTtl: string;
  /** Our plugin may be installed into the gateways that run on this computer. */
  readonly consent: boolean;
  /** The person goes on without a backup. */
  readonly noBackup: boolean;
}

export type PairField = keyof PairForm;

/** The secrets that a set-up may need; `peer` is made by the app. */
export const pairSecrets = ['register', 'dns', 'peer'] as const;
export type PairSecret = (typeof pairSecrets)[number];

/** A gateway that can be a member. */
export interface PairCandidate {
  readonly id: string;
  readonly name: string;
  readonly domain: DomainId;
  readonly kind: 'managed' | 'remote' | 'portal';
  /** Why it cannot be chosen, in words; null when it can. */
  readonly obstacle: string | null;
}

/** What a set-up begins with. */
export interface PairSetupOptions {
  readonly candidates: readonly PairCandidate[];
  /** Names of panes and gateways that are taken, as they are. */
  readonly takenNames: readonly string[];
  /** A port for a new gateway on this computer. */
  readonly freePort: number;
  /** Addresses of this computer in its networks. */
  readonly addresses: readonly string[];
  /** The program git is installed on this computer. */
  readonly hasGit: boolean;
}

export type PairTestPart = 'register' | 'dns';

/** One thing that a test tried, in words: what, and how it went. */
export interface PairTestStep {
  readonly ok: boolean;
  readonly words: string;
}

/** What the other computer needs, offered there under a code. */
export interface JoinOffer {
  readonly code: string;
  /** This computer's address, and the port where it is not the usual one. */
  readonly place: string;
  /** How long the code is good. */
  readonly minutes: number;
}

/** What the other computer needs, and where it lies. */
export interface JoinFiles {
  readonly folder: string;
  readonly files: readonly string[];
  /** To be run on the other computer, in order. */
  readonly commands: readonly string[];
}

/** What a person typed to join a pair: the code, and `ADDRESS` or `ADDRESS:PORT`. */
export interface JoinRequest {
  readonly code: string;
  readonly address: string;
}

export interface JoinMember {
  readonly name: string;
  readonly role: 'primary' | 'standby';
  /** Where the other computer reaches it. */
  readonly address: string;
}

/** What a pairing code gave, before anything of it is written. */
export interface JoinPreview {
  readonly pairName: string;
  /** The gateway of this computer. */
  readonly here: JoinMember;
  readonly there: JoinMember;
  /** Where it is written who is active. */
  readonly register: string;
  readonly folder: string;
  readonly files: readonly string[];
  /** The folder is there from an earlier join. */
  readonly replaces: boolean;
}

/** A join as far as the app goes, and what is left to a person. */
export interface JoinDone {
  readonly pairName: string;
  readonly folder: string;
  /** The file that the token of this computer's gateway belongs in. */
  readonly token: { readonly file: string; readonly gateway: string } | null;
  /** To be run on this computer, in order. */
  readonly commands: readonly string[];
}

export type PairFault =
  | 'empty'
  | 'taken'
  | 'address'
  | 'port'
  | 'url'
  | 'gateway-url'
  | 'fingerprint'
  | 'name'
  | 'path'
  | 'number'
  | 'same'
  | 'ttl'
  | 'zone'
  | 'no-git'
  | 'remote';

/** The form as it is before anything is typed. */
export const emptyPairForm: PairForm = {
  place: 'this-computer',
  gatewayId: '',
  second: 'new',
  secondName: '',
  secondId: '',
  secondUrl: '',
  secondFingerprint: '',
  here: 'primary',
  name: '',
  profile: 'default',
  preempt: false,
  preemptDelay: '60',
  files: 'sync',
  gitRemote: 'origin',
  hereAddress: '',
  thereAddress: '',
  peerPort: '18970',
  register: 'witness',
  witnessHost: '',
  witnessPort: '18971',
  bindServer: '',
  bindPort: '53',
  bindZone: '',
  bindName: '',
  bindKeyName: '',
  bindTtl: '1',
  bindAlgorithm: 'hmac-sha256',
  dns: 'none',
  dnsName: '',
  dnsResolver: '',
  dnsmasqFolder: '',
  piholeUrl: '',
  dnsZoneId: '',
  route53KeyId: '',
  dnsTtl: '60',
  consent: false,
  noBackup: false,
};

/** The fields of the form that count, by the step of the set-up they are asked in. */
export const pairSteps = ['place', 'gateways', 'behaviour', 'register', 'dns', 'review'] as const;
export type PairStep = (typeof pairSteps)[number];

/** The steps that this form goes through. */
export function stepsOf(form: PairForm): readonly PairStep[] {
  return form.place === 'two-computers'
    ? pairSteps
    : pairSteps.filter((step) => step !== 'register' && step !== 'dns');
}

/** The fields of a step that count, as the form stands. */
export function fieldsOf(form: PairForm, step: PairStep): readonly PairField[] {
  const two = form.place === 'two-computers';
  switch (step) {
    case 'place':
      return [];
    case 'gateways':
      return [
        'gatewayId',
        ...(form.second === 'existing' ? (['secondId'] as const) : (['secondName'] as const)),
        ...(form.second === 'elsewhere' ? (['secondUrl', 'secondFingerprint'] as const) : []),
        'name',
        ...(two ? (['hereAddress', 'thereAddress', 'peerPort'] as const) : []),
      ];
    case 'behaviour':
      return [
        ...(form.preempt ? (['preemptDelay'] as const) : []),
        'files',
        ...(form.files === 'git' ? (['gitRemote'] as const) : []),
      ];
    case 'register':
      return form.register === 'witness'
        ? ['witnessHost', 'witnessPort']
        : ['bindServer', 'bindPort', 'bindZone', 'bindName', 'bindKeyName', 'bindTtl'];
    case 'dns':
      return dnsFields(form);
    case 'review':
      return [];
  }
}

function dnsFields(form: PairForm): readonly PairField[] {
  switch (form.dns) {
    case 'none':
      return [];
    case 'dnsmasq':
      return ['dnsName', 'dnsmasqFolder', 'dnsResolver'];
    case 'pihole':
      return ['dnsName', 'piholeUrl', 'dnsResolver'];
    case 'cloudflare':
      return ['dnsName', 'dnsZoneId', 'dnsTtl', 'dnsResolver'];
    case 'route53':
      return ['dnsName', 'dnsZoneId', 'route53KeyId', 'dnsTtl', 'dnsResolver'];
  }
}

/** Whether the step needs a secret of the person, and which. */
export function secretOf(form: PairForm, step: PairStep): PairSecret | null {
  if (step === 'register') return 'register';
  if (step === 'dns' && form.dns !== 'none' && form.dns !== 'dnsmasq') return 'dns';
  return null;
}

/** What the faults of a form depend on besides the form. */
export type FaultOptions = Pick<PairSetupOptions, 'takenNames' | 'hasGit'>;

/** The faults of a step's fields, to be shown beside them. Pure; the settings' own check is the last word at the end. */
export function pairFaults(
  form: PairForm,
  step: PairStep,
  options: FaultOptions,
): Partial<Record<PairField, PairFault>> {
  const faults: Partial<Record<PairField, PairFault>> = {};
  for (const field of fieldsOf(form, step)) {
    const fault = faultOf(form, field, options);
    if (fault !== null) faults[field] = fault;
  }
  return faults;
}

const optional: readonly PairField[] = ['dnsResolver', 'secondFingerprint'];

function faultOf(
  form: PairForm,
  field: PairField,
  { takenNames, hasGit }: FaultOptions,
): PairFault | null {
  const text = String(form[field]).trim();
  if (text === '') return optional.includes(field) ? null : 'empty';
  switch (field) {
    case 'name':
    case 'secondName': {
      const same = (other: string): boolean => other.trim().toLowerCase() === text.toLowerCase();
      if (takenNames.some(same)) return 'taken';
      return field === 'name' && form.second !== 'existing' && same(form.secondName)
        ? 'taken'
        : null;
    }
    case 'secondId':
      return text === form.gatewayId ? 'same' : null;
    case 'secondUrl':
      return isGatewayUrl(text) ? null : 'gateway-url';
    case 'secondFingerprint':
      return isTlsFingerprint(text) ? null : 'fingerprint';
    case 'piholeUrl':
      return isUrl(text, ['http:', 'https:']) ? null : 'url';
    case 'hereAddress':
    case 'thereAddress':
      if (!isAddress(text)) return 'address';
      return field === 'thereAddress' && text === form.hereAddress.trim() ? 'same' : null;
    case 'bindServer':
      return isAddress(text) ? null : 'address';
    case 'dnsResolver':
      return isResolver(text) ? null : 'address';
    case 'witnessHost':
      return isAddress(text) || isDomainName(text.toLowerCase()) ? null : 'name';
    case 'bindZone':
    case 'bindName':
    case 'bindKeyName':
    case 'dnsName':
      return isDomainName(text.toLowerCase()) ? null : 'name';
    case 'peerPort':
    case 'witnessPort':
    case 'bindPort':
      return isWithin(text, 1, 65_535) ? null : 'port';
    case 'files':
      return text === 'git' && !hasGit ? 'no-git' : null;
    case 'gitRemote':
      return isGitRemote(text) ? null : 'remote';
    case 'preemptDelay':
      return isWithin(text, 5, 3_600) ? null : 'number';
    case 'bindTtl':
      return isWithin(text, 0, 86_400) ? null : 'number';
    case 'dnsTtl':
      return isWithin(text, 60, 86_400) ? null : 'ttl';
    case 'dnsZoneId':
      if (form.dns !== 'cloudflare' && form.dns !== 'route53') return null;
      return isZoneId(form.dns, text) ? null : 'zone';
    case 'dnsmasqFolder':
      return /^(?:\/|[A-Za-z]:\\)/u.test(text) ? null : 'path';
    default:
      return null;
  }
}

/** An IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  const isIpv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/u.test(text);
  if (isIpv4)
    return text.split('.').every((part) => String(Number(part)) === part && Number(part) < 256);
  return /^[\da-f:.]*:[\da-f:.]*$/iu.test(text) && URL.canParse(`http://[${text}]/`);
}

/** An address, or an IPv4 address and a port. */
export function isResolver(text: string): boolean {
  const [address = '', port, ...more] = text.split(':');
  return (
    isAddress(text) || (isAddress(address) && more.length === 0 && isWithin(port ?? '', 1, 65_535))
  );
}

/** A name of the domain name system in lower case, without a trailing dot. */
export function isDomainName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/u.test(text)
  );
}

/** What Cloudflare and Route 53 call a zone by. */
export function isZoneId(dns: 'cloudflare' | 'route53', text: string): boolean {
  return (dns === 'cloudflare' ? /^[0-9a-f]{32}$/u : /^[A-Z0-9]{1,32}$/u).test(text);
}

/** What git may call a remote of a repository. */
export function isGitRemote(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/u.test(text);
}

/** A SHA-256 fingerprint as OpenClaw and openssl print it: 64 hexadecimal digits, with or without colons. */
export function isTlsFingerprint(text: string): boolean {
  return /^(?:[\da-f]{64}|(?:[\da-f]{2}:){31}[\da-f]{2})$/iu.test(text);
}

/** The address of a gateway on another computer; the port is named, as nothing may be guessed. */
function isGatewayUrl(text: string): boolean {
  return isUrl(text, ['ws:', 'wss:']) && new URL(text).port !== '';
}

function isUrl(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol);
}

function isWithin(text: string, least: number, most: number): boolean {
  return /^\d{1,6}$/u.test(text) && Number(text) >= least && Number(text) <= most;
}
