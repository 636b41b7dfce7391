/** Points to what is folded away, or down at what is shown. */
export function FoldArrow({ open }: { open: boolean }) {
  return (
    <svg
      className={open ? 'fold-arrow fold-arrow-open' : 'fold-arrow'}
      viewBox="0 0 10 10"
      width="10"
      height="10"
      aria-hidden="true"
    >
      <path
        d="M3.2 1.6L6.8 5 3.2 8.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
