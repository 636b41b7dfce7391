import { type MessageBus, Variant } from '@jellybrick/dbus-next';
import { call } from './connection';
import { largest, type Picture } from './picture';

const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';

export interface MenuItem {
  id: number;
  label: string;
  enabled: boolean;
  separator: boolean;
  children: MenuItem[];
}

type Node = [id: number, properties: Record<string, unknown>, children: Node[]];

/** An app's item in the tray, as a panel sees and uses it. */
export class TrayItem {
  readonly #bus: MessageBus;
  readonly #service: string;
  readonly #path: string;

  constructor(bus: MessageBus, service: string, path: string) {
    this.#bus = bus;
    this.#service = service;
    this.#path = path;
  }

  /** Its icon's pixels, as the panel gets them. */
  async picture(): Promise<Picture> {
    return largest((await this.#properties()).IconPixmap as [number, number, Buffer][]);
  }

  async tooltip(): Promise<string> {
    const [, , text] = (await this.#properties()).ToolTip as [string, unknown, string, string];
    return text;
  }

  /** The person clicks the icon. */
  async click(): Promise<void> {
    await this.#call(this.#path, ITEM, 'Activate', 'ii', [0, 0]);
  }

  async menu(): Promise<MenuItem[]> {
    const [, root] = await this.#call(await this.#menuPath(), MENU, 'GetLayout', 'iias', [0, -1, []]);
    return itemOf(root as Node).children;
  }

  /** The person chooses an item, through the labels of the submenus it lies in. */
  async choose(...labels: string[]): Promise<void> {
    // Ids change whenever the menu does, so they are read just before.
    let level = await this.menu();
    let item: MenuItem | undefined;
    for (const label of labels) {
      item = level.find((each) => each.label === label);
      if (!item) throw new Error(`no menu item "${label}" among ${level.map((each) => each.label).join(', ')}`);
      level = item.children;
    }
    if (!item?.enabled) throw new Error(`the menu item "${labels.join(' / ')}" is not enabled`);
    const at = Math.floor(Date.now() / 1000);
    await this.#call(await this.#menuPath(), MENU, 'Event', 'isvu', [item.id, 'clicked', new Variant('i', 0), at]);
  }

  /** Chooses Quit; the app may be gone before it can answer. */
  async quit(): Promise<void> {
    await this.choose('Quit').catch((error: Error) => {
      if (!error.message.includes('disconnected')) throw error;
    });
  }

  async #menuPath(): Promise<string> {
    return (await this.#properties()).Menu as string;
  }

  async #properties(): Promise<Record<string, unknown>> {
    const [all] = await this.#call(this.#path, 'org.freedesktop.DBus.Properties', 'GetAll', 's', [ITEM]);
    return all as Record<string, unknown>;
  }

  #call(path: string, iface: string, member: string, signature: string, body: unknown[]): Promise<unknown[]> {
    return call(this.#bus, { to: this.#service, path, iface, member, signature, body });
  }
}

function itemOf([id, properties, children]: Node): MenuItem {
  return {
    id,
    label: shown(String(properties.label ?? '')),
    enabled: properties.enabled !== false,
    separator: properties.type === 'separator',
    children: (children ?? []).map(itemOf),
  };
}

/** As a panel shows it: a single underscore marks the next letter, two are one. */
function shown(label: string): string {
  return label.replace(/_(_?)/g, '$1');
}
