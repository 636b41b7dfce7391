import { Menu, type MenuItemConstructorOptions } from 'electron';

/** The window's menu: shown on macOS, behind the Alt key elsewhere; its shortcuts work everywhere. */
export function setAppMenu(): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    { role: 'toggleDevTools' },
  ];
  const menu: MenuItemConstructorOptions[] = [
    process.platform === 'darwin'
      ? { role: 'appMenu' }
      : { label: 'idlewatch', submenu: [{ role: 'close' }, { role: 'quit' }] },
    { role: 'editMenu' },
    { label: 'View', submenu: view },
  ];
  if (process.platform === 'darwin') menu.push({ role: 'windowMenu' });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
}
