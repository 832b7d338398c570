// Applies the chosen theme before the first paint, so that the other theme never flashes. See src/theme/theme-store.ts.
try {
  const theme = localStorage.getItem('launchlog.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's preference applies.
}
