/** A worker's name and, where it says more, its directory's: many workbenches of one routine have one name. */
export function DirectoryName({ name, path }: { name: string; path: string }) {
  const directory = path.split(/[/\\]/).findLast(Boolean) ?? path;
  return (
    <>
      {name}
      {directory !== name && <span className="directory"> {directory}</span>}
    </>
  );
}
