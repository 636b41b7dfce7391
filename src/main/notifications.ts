import { Notification, nativeImage } from 'electron';
import type { Message } from './news';

/** Some desktops show the icon as large as it is. */
const ICON_PX = 64;

/** Shows messages as desktop notifications; `onClick` gets the message that was clicked. */
export function createNotifier(iconFile: string, onClick: (message: Message) => void): (message: Message) => void {
  const icon = nativeImage.createFromPath(iconFile).resize({ width: ICON_PX });
  // A notification that nothing refers to is collected, and its click is never heard.
  const open = new Set<Notification>();
  return (message) => {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title: plain(message.title), body: plain(message.body), icon });
    open.add(notification);
    notification.on('click', () => onClick(message));
    notification.on('close', () => open.delete(notification));
    notification.show();
  };
}

/** Some Linux desktops read markup in notifications, others show it; these characters look the same to both. */
function plain(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆');
}
