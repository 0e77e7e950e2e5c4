/**
 * Asks a resolver as the programs of a client would, and keeps nothing: every question is a new one, and only that
 * server's answer to that very question counts.
 */
import { fail, ok } from '../../base/index.ts';
import type { Clock, Random, Result } from '../../base/index.ts';
import {
  decodeMessage,
  decodeText,
  dnsClasses,
  dnsCodes,
  dnsOpcodes,
  dnsTypes,
  encodeMessage,
} from '../register/dns-message.ts';
import type { DnsMessage, DnsQuestion } from '../register/dns-message.ts';
import { exchange } from '../register/exchange.ts';
import type { Endpoint, OpenDatagrams } from '../register/exchange.ts';
import { addressIn } from './address-data.ts';
import type { Resolver, ResolverAnswer } from './model.ts';
import { canonicalAddress, recordType } from './names.ts';

interface ResolverPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly openDatagrams: OpenDatagrams;
}

/** In which servers say who they are. */
const chaosClass = 3;

/** A resolver at an address; `timeoutMs` is for one question, resends included. */
export function createResolver(to: Endpoint, timeoutMs: number, ports: ResolverPorts): Resolver {
  const host = to.host.includes(':') ? `[${to.host}]` : to.host;
  const server = to.port === 53 ? to.host : `${host}:${String(to.port)}`;
  const ask = async (question: DnsQuestion): Promise<DnsMessage | null> => {
    const id = Math.floor(ports.random.unit() * 0x1_0000);
    const end = await exchange(
      {
        to,
        bytes: encodeMessage(queryOf(id, question)),
        timeoutMs,
        judge: (bytes) => {
          const message = decodeMessage(bytes);
          if (!message.ok) return message;
          return answers(message.value, id, question)
            ? message
            : fail('it answered another question');
        },
      },
      ports,
    );
    return end.kind === 'answered' ? end.value : null;
  };
  return {
    server,
    addresses: async (name, family) => {
      const answer = await ask({
        name: `${name}.`,
        type: dnsTypes[recordType(family)],
        class: dnsClasses.IN,
      });
      if (answer === null)
        return {
          kind: 'silent',
          detail: `The resolver ${server} did not answer within ${String(timeoutMs / 1000)} s. Look whether it runs and can be reached.`,
        };
      return answerOf(answer, `The resolver ${server}`, name, family);
    },
    version: async () => {
      const answer = await ask({
        name: 'version.bind.',
        type: dnsTypes.TXT,
        class: chaosClass,
      });
      const text = decodeText(answer?.answers[0]?.data ?? new Uint8Array())?.[0];
      return text === undefined ? null : new TextDecoder().decode(text);
    },
  };
}

/** Reads `IP`, `IP:port` or `[IPv6]:port`; the error is what to correct. */
export function parseEndpoint(text: string): Result<Endpoint, string> {
  const found = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/u.exec(text);
  const host = canonicalAddress(found?.[1] ?? found?.[2] ?? text);
  const port = Number(found?.[3] ?? 53);
  if (host === null || port < 1 || port > 65_535)
    return fail(
      `“${text.slice(0, 80)}” is not a resolver; give its address, and its port where that is not 53: 10.0.0.53 or 10.0.0.53:5353`,
    );
  return ok({ host, port });
}

/** The first resolver that a `resolv.conf` names. */
export function firstNameserver(resolvConf: string): Result<Endpoint, string> {
  const found = /^nameserver\s+([^\s%]+)/mu.exec(resolvConf);
  return found?.[1] === undefined
    ? fail('this system names no resolver; name one to check through ("resolver": "10.0.0.53")')
    : parseEndpoint(found[1]);
}

function queryOf(id: number, question: DnsQuestion): DnsMessage {
  return {
    id,
    isAnswer: false,
    opcode: dnsOpcodes.query,
    isAuthoritative: false,
    isTruncated: false,
    wantsRecursion: true,
    code: dnsCodes.noError,
    questions: [question],
    answers: [],
    authority: [],
    additional: [],
  };
}

function answers(message: DnsMessage, id: number, question: DnsQuestion): boolean {
  const echoed = message.questions[0];
  return (
    message.isAnswer &&
    message.id === id &&
    echoed?.name === question.name &&
    echoed.type === question.type &&
    echoed.class === question.class
  );
}

function answerOf(answer: DnsMessage, who: string, name: string, family: 4 | 6): ResolverAnswer {
  const type = recordType(family);
  switch (answer.code) {
    case dnsCodes.noError:
      break;
    case dnsCodes.serverFailure:
      return {
        kind: 'servfail',
        detail: `${who} could not find out about ${name} (SERVFAIL): the server that holds it did not answer properly.`,
      };
    case dnsCodes.nameError:
      return {
        kind: 'nxdomain',
        detail: `${who} says that there is no name ${name} (NXDOMAIN): no record was made, or this resolver does not know it.`,
      };
    case dnsCodes.refused:
      return {
        kind: 'refused',
        detail: `${who} refuses to answer this machine about ${name} (REFUSED).`,
      };
    default:
      return {
        kind: 'garbled',
        detail: `${who} answered with error ${String(answer.code)} for ${name}.`,
      };
  }
  if (answer.isTruncated)
    return {
      kind: 'garbled',
      detail: `${who} has more addresses for ${name} than fit in an answer; there should be one.`,
    };
  const addresses = answer.answers
    .filter((record) => record.type === dnsTypes[type])
    .flatMap((record) => addressIn(record) ?? []);
  if (addresses.length === 0)
    return {
      kind: 'nodata',
      detail: `${who} knows ${name}, but no ${type} record of it (NODATA): the answer is empty.`,
    };
  return {
    kind: 'addresses',
    addresses: [...new Set(addresses)].sort(),
    ttlSeconds: Math.min(...answer.answers.map((record) => record.ttl)),
  };
}
