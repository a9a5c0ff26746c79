export const PlusIcon = () => (
  <svg width="12" height="12" viewBox="0 0 12 12" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M6 1.5v9M1.5 6h9" />
  </svg>
);
