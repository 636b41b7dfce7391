/** Put the keyboard's focus on the row of the table it last was on; nothing where there is no row. */
export function focusActiveRow(): void {
  document.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus({ preventScroll: true });
}
