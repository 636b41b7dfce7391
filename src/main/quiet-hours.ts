/** Whether it is quiet at a time of day, by hours such as `22:00-07:00`: from the first on, up to the second. Null: never. */
export function isQuiet(hours: string | null, at: Date): boolean {
  const [from, to] = (hours ?? '').split('-').map(minutesOf);
  if (from === undefined || to === undefined) return false;
  const now = at.getHours() * 60 + at.getMinutes();
  return from <= to ? from <= now && now < to : now >= from || now < to;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
