// Runs before the first paint, so that a chosen theme never flashes in the other one. See src/theme/theme-store.ts.
try {
  const theme = localStorage.getItem('launchlog.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's preference holds.
}
