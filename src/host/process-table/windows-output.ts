import { z } from 'zod';
import type { ProcessFact } from '../../engine/ports';

export interface WindowsProcess extends ProcessFact {
  command: string | null;
}

/** .NET counts in 100 ns from the year 1. */
const TICKS_PER_MS = 10_000n;
const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;

const rowSchema = z.object({
  pid: z.number().int(),
  ppid: z.number().int(),
  name: z.string().nullable(),
  /** Ticks of .NET in UTC, as text: too many for a number. */
  started: z.string().regex(/^\d+$/).nullable(),
  rss: z.coerce.number(),
  cpu: z.coerce.number(),
  session: z.number().int(),
  command: z.string().nullable(),
});
const listingSchema = z.object({ self: z.number().int(), processes: z.array(rowSchema) });
const ownersSchema = z.array(
  z.object({ pid: z.number().int(), started: z.string().nullable(), sid: z.string().nullable() }),
);

/** Prints what parseWindowsProcesses reads. */
export const LIST_SCRIPT = `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
$rows = @(Get-CimInstance Win32_Process | ForEach-Object {
  [ordered]@{
    pid = $_.ProcessId; ppid = $_.ParentProcessId; name = $_.Name; command = $_.CommandLine
    started = if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().Ticks.ToString() } else { $null }
    rss = $_.WorkingSetSize; cpu = $_.KernelModeTime + $_.UserModeTime; session = $_.SessionId
  }
})
ConvertTo-Json -Compress -Depth 3 -InputObject ([ordered]@{ self = $PID; processes = $rows })
`;

/** The command line of PowerShell is bounded; whoever comes later is asked for at the next listing. */
const OWNERS_ASKED_FOR = 1_500;

/** Prints what parseOwners reads: asking for owners is dear, so only those not known yet are asked for. */
export function ownersScript(pids: readonly number[]): string {
  return `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
$wanted = @(${pids.slice(0, OWNERS_ASKED_FOR).join(',')})
$rows = @(Get-CimInstance Win32_Process | Where-Object { $wanted -contains $_.ProcessId } | ForEach-Object {
  $owner = $null
  try { $owner = (Invoke-CimMethod -InputObject $_ -MethodName GetOwnerSid).Sid } catch { }
  [ordered]@{
    pid = $_.ProcessId; sid = $owner
    started = if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().Ticks.ToString() } else { $null }
  }
})
ConvertTo-Json -Compress -Depth 3 -InputObject $rows
`;
}

export interface WindowsListing {
  /** Users are not known yet: all are -1. */
  processes: WindowsProcess[];
  /** Windows session of each process. */
  sessions: Map<number, number>;
}

/**
 * Read what LIST_SCRIPT printed; null where it is not understood. The program that printed it is left out. A parent's id
 * that was given anew counts as none: Windows goes on naming a parent that has ended, whatever has its id by now.
 */
export function parseWindowsProcesses(output: string): WindowsListing | null {
  const parsed = parseWith(listingSchema, output);
  if (!parsed) return null;
  const rows = parsed.processes.filter(({ pid }) => pid > 0 && pid !== parsed.self);
  const started = new Map(rows.map((row) => [row.pid, BigInt(row.started ?? 0)]));
  const processes = rows.map((row): WindowsProcess => {
    const own = started.get(row.pid) ?? 0n;
    const parent = started.get(row.ppid);
    return {
      pid: row.pid,
      startTime: String(own),
      ppid: parent !== undefined && parent <= own ? row.ppid : 0,
      pgid: 0,
      sessionId: 0,
      uid: -1,
      stat: 'S',
      startedAt: own === 0n ? 0 : Number((own - UNIX_EPOCH_TICKS) / TICKS_PER_MS),
      name: (row.name ?? '').replace(/\.exe$/i, ''),
      rssBytes: row.rss,
      cpuMs: Math.round(row.cpu / Number(TICKS_PER_MS)),
      command: row.command,
    };
  });
  return { processes, sessions: new Map(rows.map(({ pid, session }) => [pid, session])) };
}

/** Read what ownersScript printed: the user of each process by `pid start`; null where Windows did not tell it. */
export function parseOwners(output: string): Map<string, string | null> | null {
  const rows = parseWith(ownersSchema, output);
  return rows && new Map(rows.map(({ pid, started, sid }) => [`${pid} ${started ?? 0}`, sid]));
}

function parseWith<Result>(schema: z.ZodType<Result>, text: string): Result | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
