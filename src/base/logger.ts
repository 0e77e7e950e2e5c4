/**
 * Structured log lines with a subsystem name; redaction is the logger's work, not the caller's.
 *
 * Invariants
 * 1. Every string that leaves through a sink has passed `redact`.
 * 2. A sink that throws is dropped; logging never breaks the caller.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface LogEntry {
  readonly at: number;
  readonly level: LogLevel;
  readonly subsystem: string;
  readonly message: string;
  readonly fields: LogFields;
}

export type LogSink = (entry: LogEntry) => void;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger for a part of this subsystem: `gateways` → `gateways.home`. */
  child(name: string): Logger;
}

/** Makes a logger that writes to `sinks`, times taken from `wallMs`. */
export function createLogger(
  subsystem: string,
  wallMs: () => number,
  sinks: readonly LogSink[],
): Logger {
  const live = new Set(sinks);
  const make = (name: string): Logger => {
    const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
      const entry: LogEntry = {
        at: wallMs(),
        level,
        subsystem: name,
        message: redact(message),
        fields: redactFields(fields),
      };
      for (const sink of live) {
        try {
          sink(entry);
        } catch {
          live.delete(sink); // invariant 2
        }
      }
    };
    return {
      debug: (message, fields) => {
        write('debug', message, fields);
      },
      info: (message, fields) => {
        write('info', message, fields);
      },
      warn: (message, fields) => {
        write('warn', message, fields);
      },
      error: (message, fields) => {
        write('error', message, fields);
      },
      child: (part) => make(`${name}.${part}`),
    };
  };
  return make(subsystem);
}

const secretName =
  /token|secret|password|passphrase|authorization|api[-_]?key|credential|private[-_]?key/iu;
const secretValue =
  /(?:bearer\s+[\w.~+/=-]{8,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|\b(?:sk|ghp|swy)[-_][\w-]{12,})/giu;
const secretAssignment =
  /((?:token|secret|password|api[-_]?key)["']?\s*[=:]\s*["']?)([^\s"'&,;]{4,})/giu;

/** Replaces what looks like a credential by a mark. Pure; used for every log line. */
export function redact(text: string): string {
  return text.replace(secretValue, '[redacted]').replace(secretAssignment, '$1[redacted]');
}

function redactFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? (secretName.test(name) ? '[redacted]' : redact(value)) : value,
    ]),
  );
}

/** The words of a caught value, for a log field. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
