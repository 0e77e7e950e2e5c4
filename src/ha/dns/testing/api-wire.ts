import { fail, ok } from '../../../base/index.ts';
import type { Http, HttpRequest } from '../http.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An API as a function of its requests, with state of its own. */
export type Api = (request: HttpRequest) => ApiAnswer;

/**
 * What happens to one request. `lost-answer`: it takes effect and nobody hears of it. `late`: it takes effect only when the
 * caller has given up (`landLate`).
 */
export type Fault =
  'lost' | 'lost-answer' | 'late' | 'http-500' | 'half' | 'no-json' | 'wrong-json';

export interface ApiWire {
  readonly http: Http;
  readonly requests: readonly HttpRequest[];
  /** What happens to the next requests, in order; null: nothing. */
  fault(...faults: readonly (Fault | null)[]): void;
  /** Takes back what was to happen. */
  heal(): void;
  /** Lets the requests that were `late` take effect now. */
  landLate(): void;
}

/** A wire to an API that breaks as it is told to. */
export function wireTo(api: Api): ApiWire {
  const requests: HttpRequest[] = [];
  const faults: (Fault | null)[] = [];
  const late: HttpRequest[] = [];
  return {
    requests,
    fault: (...more) => {
      faults.push(...more);
    },
    heal: () => {
      faults.length = 0;
    },
    landLate: () => {
      for (const request of late.splice(0)) api(request);
    },
    http: async (request) => {
      requests.push(request);
      const fault = faults.shift() ?? null;
      if (fault === 'lost') return fail('it cannot be reached');
      if (fault === 'late') {
        late.push(request);
        return fail('it did not answer within 10 s');
      }
      if (fault === 'http-500') return ok(answered({ status: 500, body: 'Internal Server Error' }));
      const answer = api(request);
      switch (fault) {
        case 'lost-answer':
          return fail('it broke the connection');
        case 'half': {
          const body = answer.body ?? '';
          return ok(answered({ ...answer, body: body.slice(0, Math.floor(body.length / 2)) }));
        }
        case 'no-json':
          return ok(answered({ ...answer, body: '<html>It works!</html>' }));
        case 'wrong-json':
          return ok(answered({ ...answer, body: '{"success":true,"result":"none","config":[]}' }));
        case null:
          return ok(answered(answer));
      }
    },
  };
}

function answered({ status, body, headers }: ApiAnswer): {
  status: number;
  text: string;
  header: (name: string) => string | null;
} {
  return { status, text: body ?? '', header: (name) => headers?.[name.toLowerCase()] ?? null };
}
