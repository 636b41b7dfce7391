import { Message, type MessageBus, MessageType, Variant } from '@jellybrick/dbus-next';
import { call, connect } from './connection';
import { TrayItem } from './tray-item';

const BUS = { to: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', iface: 'org.freedesktop.DBus' };
const WATCHER = { name: 'org.kde.StatusNotifierWatcher', path: '/StatusNotifierWatcher' };
const NOTIFICATIONS = { name: 'org.freedesktop.Notifications', path: '/org/freedesktop/Notifications' };
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export interface ShownNotification {
  id: number;
  summary: string;
  body: string;
  actions: string[];
}

/** What a panel and a notification daemon are to the app: a StatusNotifier host and a notification service. */
export class TestDesktop {
  readonly notifications: ShownNotification[] = [];
  readonly #bus: MessageBus;
  readonly #items: { service: string; path: string }[] = [];

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Must stand before the app starts: without a watcher Electron falls back to another kind of tray for good. */
  static async start(busAddress: string): Promise<TestDesktop> {
    const bus = await connect(busAddress);
    const desktop = new TestDesktop(bus);
    bus.addMethodHandler((message) => desktop.#answer(message));
    bus.on('message', (message: Message) => desktop.#hear(message));
    const rule = `type='signal',interface='${BUS.iface}',member='NameOwnerChanged'`;
    await call(bus, { ...BUS, member: 'AddMatch', signature: 's', body: [rule] });
    await bus.requestName(WATCHER.name, 0);
    await bus.requestName(NOTIFICATIONS.name, 0);
    return desktop;
  }

  /** The one item in the tray; null while there is none. */
  trayItem(): TrayItem | null {
    const [item] = this.#items;
    return item ? new TrayItem(this.#bus, item.service, item.path) : null;
  }

  get trayItemCount(): number {
    return this.#items.length;
  }

  /** The person clicks a notification. */
  click(notification: ShownNotification): void {
    this.#signal(NOTIFICATIONS, 'ActionInvoked', 'us', [notification.id, 'default']);
  }

  stop(): void {
    this.#bus.disconnect();
  }

  #answer(message: Message): boolean {
    if (message.path === WATCHER.path) return this.#answerAsWatcher(message);
    if (message.path === NOTIFICATIONS.path) return this.#answerAsNotifications(message);
    return false;
  }

  #answerAsWatcher(message: Message): boolean {
    const properties: Record<string, Variant> = {
      IsStatusNotifierHostRegistered: new Variant('b', true),
      ProtocolVersion: new Variant('i', 0),
      RegisteredStatusNotifierItems: new Variant(
        'as',
        this.#items.map(({ service, path }) => service + path),
      ),
    };
    if (message.interface === PROPERTIES && message.member === 'GetAll')
      return this.#reply(message, 'a{sv}', properties);
    if (message.interface === PROPERTIES) return this.#reply(message, 'v', properties[String(message.body[1])]);
    if (message.member !== 'RegisterStatusNotifierItem') return false;
    const named = String(message.body[0]);
    const item = named.startsWith('/')
      ? { service: message.sender, path: named }
      : { service: named, path: '/StatusNotifierItem' };
    this.#items.push(item);
    this.#reply(message);
    this.#signal(WATCHER, 'StatusNotifierItemRegistered', 's', [item.service]);
    return true;
  }

  #answerAsNotifications(message: Message): boolean {
    switch (message.member) {
      case 'GetCapabilities':
        return this.#reply(message, 'as', ['body', 'actions', 'persistence']);
      case 'GetServerInformation':
        return this.#reply(message, 'ssss', 'test-desktop', 'test', '1.0', '1.2');
      case 'Notify': {
        const [, replaces, , summary, body, actions] = message.body as [
          string,
          number,
          string,
          string,
          string,
          string[],
        ];
        const id = replaces || this.notifications.length + 1;
        this.notifications.push({ id, summary, body, actions });
        return this.#reply(message, 'u', id);
      }
      case 'CloseNotification':
        this.#reply(message);
        this.#signal(NOTIFICATIONS, 'NotificationClosed', 'uu', [message.body[0], 3]);
        return true;
      default:
        return false;
    }
  }

  /** A program that leaves the bus takes its items along. */
  #hear(message: Message): void {
    if (message.type !== MessageType.SIGNAL || message.member !== 'NameOwnerChanged' || message.body[2] !== '') return;
    const gone = this.#items.findIndex(({ service }) => service === message.body[0]);
    if (gone >= 0) this.#items.splice(gone, 1);
  }

  #reply(message: Message, signature = '', ...body: unknown[]): true {
    this.#bus.send(Message.newMethodReturn(message, signature, body));
    return true;
  }

  #signal({ name, path }: { name: string; path: string }, member: string, signature: string, body: unknown[]): void {
    this.#bus.send(Message.newSignal(path, name, member, signature, body));
  }
}
