import { parseHostsLine } from '../hosts-lines.ts';
import type { Api, ApiAnswer } from './api-wire.ts';

export interface PiholeDouble {
  readonly api: Api;
  readonly url: string;
  readonly password: string;
  /** `dns.hosts`. */
  hosts: string[];
  cnameRecords: string[];
  /** Whether `dns.hosts` is forced by an environment variable. */
  isForced: boolean;
  isReadOnly: boolean;
  appSudo: boolean;
  hostsLocal: boolean;
  takesComments: boolean;
  seats: number;
  /** Runs just before a write is looked at: another program's moment. */
  beforeWrite: (() => void) | null;
  readonly sessions: Set<string>;
  /** How often its resolver was restarted, which is an outage. */
  readonly restarts: () => number;
  /** The addresses that clients are given for a name. */
  readonly answer: (name: string) => string[];
}

/**
 * Pi-hole's v6 API as FTL's source (src/api/auth.c, src/api/config.c, src/config/validator.c) and its OpenAPI files
 * describe it: sessions with seats, `GET` and `PATCH` of `/api/config`, its checks and its errors.
 */
export function piholeDouble(): PiholeDouble {
  let restarts = 0;
  let sessionsMade = 0;
  const double: PiholeDouble = {
    url: 'http://10.0.0.53',
    password: 'app-password-1234',
    hosts: [],
    cnameRecords: [],
    isForced: false,
    isReadOnly: false,
    appSudo: true,
    hostsLocal: false,
    takesComments: true,
    seats: 16,
    beforeWrite: null,
    sessions: new Set(),
    restarts: () => restarts,
    answer: (name) =>
      double.hosts
        .map(parseHostsLine)
        .flatMap((line) => (line?.names.includes(name) === true ? [line.address] : [])),
    api: (request) => {
      const url = new URL(request.url);
      if (url.pathname === '/api/auth') return authenticate(request.method, request);
      const sid = request.headers['x-ftl-sid'];
      if (sid === undefined || !double.sessions.has(sid))
        return error(401, 'unauthorized', 'Unauthorized');
      if (request.method === 'GET' && url.pathname.startsWith('/api/config'))
        return json(200, { config: { dns: config(url.searchParams.get('detailed') === 'true') } });
      if (request.method === 'PATCH' && url.pathname === '/api/config')
        return patch(request.body ?? '', url.searchParams.get('restart') !== 'false');
      return error(404, 'not_found', 'Not found');
    },
  };

  const authenticate: (method: string, request: Parameters<Api>[0]) => ApiAnswer = (
    method,
    request,
  ) => {
    const session = (valid: boolean, sid: string | null) => ({
      session: { valid, totp: false, sid, validity: valid ? 1800 : -1, message: 'said' },
    });
    if (method === 'DELETE') {
      const known = double.sessions.delete(request.headers['x-ftl-sid'] ?? '');
      return known ? { status: 204 } : json(401, session(false, null));
    }
    const { password } = JSON.parse(request.body ?? '{}') as { password?: string };
    if (password !== double.password) return json(401, session(false, null));
    if (double.sessions.size >= double.seats)
      return error(
        429,
        'api_seats_exceeded',
        'API seats exceeded',
        'increase webserver.api.max_sessions',
      );
    sessionsMade += 1;
    const sid = `sid-${String(sessionsMade)}==`;
    double.sessions.add(sid);
    return json(200, session(true, sid));
  };

  const config = (detailed: boolean): unknown => {
    const { hosts, cnameRecords, isForced } = double;
    if (!detailed) return { hosts };
    const flags = { restart_dnsmasq: false, session_reset: false, env_var: isForced };
    return {
      hosts: { description: '…', type: 'string array', value: hosts, default: [], flags },
      cnameRecords: { description: '…', type: 'string array', value: cnameRecords, default: [] },
    };
  };

  const patch = (body: string, mayRestart: boolean): ApiAnswer => {
    double.beforeWrite?.();
    const sent = JSON.parse(body) as {
      config?: { dns?: { hosts?: unknown; cnameRecords?: unknown } };
    };
    if (double.isReadOnly)
      return error(403, 'forbidden', 'The config is currently in read-only mode');
    if (!double.appSudo)
      return error(
        403,
        'forbidden',
        'Unable to change configuration (read-only)',
        'The current app session is not allowed to modify Pi-hole config settings (webserver.api.app_sudo is false)',
      );
    if (sent.config?.dns?.cnameRecords !== undefined && mayRestart) restarts += 1;
    const hosts = sent.config?.dns?.hosts;
    if (!Array.isArray(hosts) || !hosts.every((host) => typeof host === 'string'))
      return error(400, 'bad_request', 'Config item is invalid', 'dns.hosts: not an array');
    const changed = JSON.stringify(hosts) !== JSON.stringify(double.hosts);
    if (double.isForced && changed)
      return error(
        400,
        'bad_request',
        'Config items set via environment variables cannot be changed via the API',
        'dns.hosts',
      );
    for (const [index, host] of hosts.entries()) {
      const line = parseHostsLine(host);
      const hasComment = host.includes('#');
      if (line === null || (hasComment && !double.takesComments))
        return error(
          400,
          'bad_request',
          'Config item validation failed',
          `dns.hosts[${String(index)}]: invalid hostname ("#")`,
        );
    }
    if (changed && double.hostsLocal && mayRestart) restarts += 1;
    double.hosts = [...hosts];
    return json(200, { config: { dns: config(false) } });
  };
  return double;
}

function json(status: number, value: object): ApiAnswer {
  return { status, body: JSON.stringify({ ...value, took: 0.001 }) };
}

function error(
  status: number,
  key: string,
  message: string,
  hint: string | null = null,
): ApiAnswer {
  return json(status, { error: { key, message, hint } });
}
