/**
 * A desktop for tests on a machine that has none: a session bus of its own with doubles of the notification service and of
 * the tray's host. What an app really sent over the bus is what a test sees.
 *
 * Invariants
 * 1. The bus starts no service by itself and is nobody else's: no keyring, no portal, no desktop answers on it.
 * 2. A tray item is what its properties said when they were last read; they are read again at every change it signals.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import dbus from 'dbus-next';

export interface RecordedNotification {
  readonly id: number;
  readonly summary: string;
  readonly body: string;
  /** Keys and labels, in turns, as they came. */
  readonly actions: readonly string[];
}

export interface TrayItem {
  /** Who shows it: its address on the bus. */
  readonly service: string;
  readonly title: string;
  readonly toolTip: string;
  readonly iconName: string;
  /** The largest picture it offers; `hash` tells one picture from another. */
  readonly picture: {
    readonly width: number;
    readonly height: number;
    readonly hash: string;
  } | null;
}

export interface DesktopDouble {
  /** The value for DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  readonly notifications: readonly RecordedNotification[];
  /** Resolves with the first notification, past or future, that fits. */
  waitForNotification(
    fits: (notification: RecordedNotification) => boolean,
  ): Promise<RecordedNotification>;
  trayItems(): readonly TrayItem[];
  /** Resolves with the first item, as it is or as it becomes, that fits. */
  waitForTray(fits: (item: TrayItem) => boolean): Promise<TrayItem>;
  stop(): Promise<void>;
}

const busConfig = (
  folder: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

const watcherName = 'org.kde.StatusNotifierWatcher';
const itemInterface = 'org.kde.StatusNotifierItem';
const notificationsName = 'org.freedesktop.Notifications';
const propertiesInterface = 'org.freedesktop.DBus.Properties';

/** Starts the bus and both services. Linux only. */
export async function startDesktopDouble(): Promise<DesktopDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bus-'));
  const configPath = join(folder, 'bus.conf');
  writeFileSync(configPath, busConfig(folder));
  const daemon = spawn(
    'dbus-daemon',
    [`--config-file=${configPath}`, '--nofork', '--print-address=1'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const address = await firstLine(daemon);
  const bus = dbus.sessionBus({ busAddress: address });

  const notifications = observed<RecordedNotification>();
  const trayChanges = observed<TrayItem>();
  const tray = new Map<string, TrayItem>();

  function answerNotifications(message: dbus.Message): boolean {
    switch (message.member) {
      case 'GetServerInformation':
        return reply(message, 'ssss', ['switchyard-desktop-double', 'switchyard', '1', '1.2']);
      case 'GetCapabilities':
        return reply(message, 'as', [['actions', 'body', 'persistence']]);
      case 'Notify': {
        const [, replaces, , summary, body, actions] = message.body as [
          string,
          number,
          string,
          string,
          string,
          string[],
        ];
        const id = replaces === 0 ? notifications.all.length + 1 : replaces;
        notifications.add({ id, summary, body, actions });
        return reply(message, 'u', [id]);
      }
      case 'CloseNotification':
        bus.send(
          dbus.Message.newSignal(
            '/org/freedesktop/Notifications',
            notificationsName,
            'NotificationClosed',
            'uu',
            [message.body[0], 3],
          ),
        );
        return reply(message);
      default:
        return false;
    }
  }

  function answerWatcher(message: dbus.Message): boolean {
    if (message.interface === propertiesInterface) {
      if (message.member === 'GetAll') return reply(message, 'a{sv}', [watcherProperties()]);
      const value = watcherProperties()[String(message.body[1])];
      return message.member === 'Get' && value !== undefined && reply(message, 'v', [value]);
    }
    switch (message.member) {
      case 'RegisterStatusNotifierItem': {
        // An app names either the object or a bus name; who sent it is the same item in both cases.
        const named = String(message.body[0]);
        reply(message);
        void readItem(message.sender, named.startsWith('/') ? named : '/StatusNotifierItem');
        return true;
      }
      case 'RegisterStatusNotifierHost':
        return reply(message);
      default:
        return false;
    }
  }

  function watcherProperties(): Record<string, dbus.Variant> {
    return {
      RegisteredStatusNotifierItems: new dbus.Variant('as', [...tray.keys()]),
      IsStatusNotifierHostRegistered: new dbus.Variant('b', true),
      ProtocolVersion: new dbus.Variant('i', 0),
    };
  }

  async function readItem(service: string, path: string): Promise<void> {
    const call = new dbus.Message({
      destination: service,
      path,
      interface: propertiesInterface,
      member: 'GetAll',
      signature: 's',
      body: [itemInterface],
    });
    const answer = await bus.call(call).catch(() => null); // it left the bus again
    if (answer === null) return;
    const item = readTrayItem(service, answer.body[0] as Record<string, dbus.Variant>);
    tray.set(service, item);
    trayChanges.add(item);
  }

  function reply(message: dbus.Message, signature?: string, body?: unknown[]): true {
    bus.send(dbus.Message.newMethodReturn(message, signature, body));
    return true;
  }

  bus.addMethodHandler((message: dbus.Message) => {
    if (
      message.path === '/org/freedesktop/Notifications' &&
      message.interface === notificationsName
    )
      return answerNotifications(message);
    return message.path === '/StatusNotifierWatcher' && answerWatcher(message);
  });
  bus.on('message', (message) => {
    if (message.type !== dbus.MessageType.SIGNAL) return;
    if (message.interface === itemInterface && tray.has(message.sender))
      void readItem(message.sender, message.path);
    if (message.member === 'NameOwnerChanged' && message.body[2] === '')
      tray.delete(String(message.body[0]));
  });
  await addMatch(bus, `type='signal',interface='${itemInterface}'`);
  await addMatch(bus, "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'");
  await bus.requestName(notificationsName, 0);
  await bus.requestName(watcherName, 0);

  return {
    address,
    notifications: notifications.all,
    waitForNotification: (fits) => notifications.find(fits),
    trayItems: () => [...tray.values()],
    waitForTray: (fits) => trayChanges.find(fits, [...tray.values()]),
    stop: async () => {
      bus.disconnect();
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reads the properties of a tray item. Pure; a property that is missing or of another type counts as empty. */
export function readTrayItem(
  service: string,
  properties: Readonly<Record<string, dbus.Variant>>,
): TrayItem {
  const text = (name: string): string => String(properties[name]?.value ?? '');
  const toolTip = properties.ToolTip?.value as [string, unknown, string, string] | undefined;
  const pictures = (properties.IconPixmap?.value ?? []) as [number, number, Buffer][];
  const [width = 0, height = 0, bytes] = pictures.toSorted((a, b) => b[0] - a[0])[0] ?? [];
  return {
    service,
    title: text('Title'),
    toolTip: [toolTip?.[2], toolTip?.[3]]
      .filter((part) => part !== undefined && part !== '')
      .join('\n'),
    iconName: text('IconName'),
    picture:
      bytes === undefined
        ? null
        : { width, height, hash: createHash('sha256').update(Buffer.from(bytes)).digest('hex') },
  };
}

/** A list that can be waited on. */
function observed<T>(): {
  readonly all: readonly T[];
  add(value: T): void;
  find(fits: (value: T) => boolean, present?: readonly T[]): Promise<T>;
} {
  const all: T[] = [];
  const listeners = new Set<(value: T) => void>();
  return {
    all,
    add: (value) => {
      all.push(value);
      for (const listener of [...listeners]) listener(value);
    },
    find: (fits, present = all) =>
      new Promise((resolve) => {
        const known = present.find(fits);
        if (known !== undefined) {
          resolve(known);
          return;
        }
        const look = (value: T): void => {
          if (!fits(value)) return;
          listeners.delete(look);
          resolve(value);
        };
        listeners.add(look);
      }),
  };
}

async function addMatch(bus: dbus.MessageBus, rule: string): Promise<void> {
  await bus.call(
    new dbus.Message({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [rule],
    }),
  );
}

function firstLine(daemon: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    daemon.once('error', () => {
      reject(new Error('dbus-daemon could not be started; install the package dbus'));
    });
    daemon.once('exit', (code) => {
      reject(new Error(`dbus-daemon ended with ${code}`));
    });
    if (daemon.stdout !== null) createInterface(daemon.stdout).once('line', resolve);
  });
}
