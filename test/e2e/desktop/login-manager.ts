import { Message, type MessageBus } from '@jellybrick/dbus-next';
import { connect } from './connection';

const LOGIN = {
  name: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  iface: 'org.freedesktop.login1.Manager',
};

/** What systemd-logind is to programs: it says when the machine goes to sleep and has woken. */
export class TestLoginManager {
  readonly #bus: MessageBus;

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Must stand before the app starts. The app is to take `busAddress` for the system's bus. */
  static async start(busAddress: string): Promise<TestLoginManager> {
    const bus = await connect(busAddress);
    // Nobody may hold off this machine's sleep: whoever asks to gets an error, as on systems that forbid it.
    bus.addMethodHandler((message) => {
      if (message.path !== LOGIN.path) return false;
      bus.send(Message.newError(message, 'org.freedesktop.DBus.Error.AccessDenied', 'not here'));
      return true;
    });
    await bus.requestName(LOGIN.name, 0);
    return new TestLoginManager(bus);
  }

  goesToSleep(): void {
    this.#prepareForSleep(true);
  }

  hasWoken(): void {
    this.#prepareForSleep(false);
  }

  stop(): void {
    this.#bus.disconnect();
  }

  #prepareForSleep(begins: boolean): void {
    this.#bus.send(Message.newSignal(LOGIN.path, LOGIN.iface, 'PrepareForSleep', 'b', [begins]));
  }
}
