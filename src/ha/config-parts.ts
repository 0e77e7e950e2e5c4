/** The pieces that the guardian's configuration is made of. */
import { z } from 'zod';

import { isGitRemote, isTlsFingerprint } from '../shared/index.ts';
import { secretSourceSchema } from './secret-source.ts';

export const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, {
  error: 'use 1 to 64 lower-case letters, digits and hyphens, beginning with a letter or digit',
});

export const nameSchema = z
  .string()
  .trim()
  .min(1, { error: 'give it a name that people see' })
  .max(80);

/** Whole milliseconds between two limits, which the error names. */
export const milliseconds = (least: number, most: number) =>
  z
    .int({ error: `give whole milliseconds from ${String(least)} to ${String(most)}` })
    .min(least, { error: `give at least ${String(least)} ms` })
    .max(most, { error: `give at most ${String(most)} ms` });

const portSchema = z
  .int({ error: 'give a port from 1 to 65535' })
  .min(1, { error: 'give a port from 1 to 65535' })
  .max(65_535, { error: 'give a port from 1 to 65535' });

const hostSchema = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/u, { error: 'give an address or a host name' });

export const hostPortSchema = z.strictObject({ host: hostSchema, port: portSchema });

export const memberSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  url: z.string().refine(isGateway, {
    error: 'use ws://HOST:PORT or wss://HOST:PORT, without user or query',
  }),
  addr: z
    .string()
    .refine(isGateway, { error: 'use ws://HOST:PORT or wss://HOST:PORT, as clients reach it' })
    .optional(),
  tls: z
    .union([
      z.strictObject({ certificate: z.string().min(1) }),
      z.strictObject({
        fingerprint: z.string().refine(isTlsFingerprint, {
          error: 'give the SHA-256 of the certificate: 64 hexadecimal digits',
        }),
      }),
    ])
    .optional(),
  token: secretSourceSchema.optional(),
  pidFile: z.string().min(1).optional(),
});

const dnsNameSchema = z
  .string()
  .max(253)
  .regex(/^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/u, {
    error: 'give a host name in lower case, such as gateway.home.lan',
  });

const ttlSchema = (least: number) =>
  z
    .int({ error: 'give whole seconds' })
    .min(least, { error: `give at least ${String(least)} s` })
    .max(86_400, { error: 'give at most 86400 s' });

const keySchema = z.strictObject({
  name: dnsNameSchema,
  algorithm: z.enum(['hmac-sha256', 'hmac-sha384', 'hmac-sha512']).default('hmac-sha256'),
  secret: secretSourceSchema,
});

const rfc2136Shape = {
  server: hostSchema,
  port: portSchema.default(53),
  zone: dnsNameSchema,
  name: dnsNameSchema,
  ttlSeconds: ttlSchema(0).default(0),
  key: keySchema,
};

export const registerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lock') }),
  z.strictObject({ kind: z.literal('rfc2136'), ...rfc2136Shape }),
  z.strictObject({
    kind: z.literal('witness'),
    host: hostSchema,
    port: portSchema,
    secret: secretSourceSchema,
  }),
]);

export const workspaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sync') }),
  z.strictObject({ kind: z.literal('shared-folder') }),
  z.strictObject({
    kind: z.literal('git'),
    remote: z
      .string()
      .refine(isGitRemote, {
        error: 'give the name of a remote of the repository, such as origin',
      })
      .default('origin'),
  }),
  z.strictObject({ kind: z.literal('none') }),
]);

const resolver = z
  .string()
  .regex(/^[0-9a-fA-F.:[\]]{2,60}$/u, {
    error: 'give the address of a DNS server, such as 192.168.1.2 or 192.168.1.2:53',
  })
  .optional();

export const dnsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dnsmasq'),
    name: dnsNameSchema,
    hostsDir: z.string().min(1, { error: 'name the folder of dnsmasq’s --hostsdir' }),
    pidFile: z.string().min(1).optional(),
    resolver,
  }),
  z.strictObject({
    kind: z.literal('pihole'),
    name: dnsNameSchema,
    url: z.url({ protocol: /^https?$/u, error: 'use http://HOST or https://HOST' }),
    password: secretSourceSchema,
    resolver,
  }),
  z.strictObject({
    kind: z.literal('cloudflare'),
    name: dnsNameSchema,
    zoneId: z.string().regex(/^[0-9a-f]{32}$/u, { error: 'give the zone’s 32 hexadecimal digits' }),
    token: secretSourceSchema,
    ttlSeconds: ttlSchema(60).default(60),
    resolver,
  }),
  z.strictObject({
    kind: z.literal('route53'),
    name: dnsNameSchema,
    zoneId: z.string().regex(/^[A-Z0-9]{1,32}$/u, { error: 'give the hosted zone’s id' }),
    accessKeyId: z.string().min(1),
    secret: secretSourceSchema,
    ttlSeconds: ttlSchema(0).default(60),
    resolver,
  }),
  z.strictObject({ kind: z.literal('rfc2136'), ...rfc2136Shape, resolver }),
]);

/** True for an address of a gateway on this machine, without credentials or query. */
export function isLocalGateway(text: string): boolean {
  return isGateway(text) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(text).hostname);
}

function isGateway(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    ['ws:', 'wss:'].includes(url.protocol) &&
    // `URL` drops a scheme's own port, so that the text is asked.
    /:\d+\/?$/u.test(text) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
}
