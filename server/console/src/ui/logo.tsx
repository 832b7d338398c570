export function Logo() {
  return (
    <span className="logo">
      <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="logo-tile" />
        <path d="M9 8v13.5h8" className="logo-stroke" />
        <circle cx="22.5" cy="21.5" r="2.6" className="logo-dot" />
      </svg>
      Launchlog
    </span>
  );
}
