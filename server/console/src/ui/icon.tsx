const PATHS = {
  alert:
    'M8 5.2v3.6M8 11.2v.1M7.1 2.2 1.4 12a1 1 0 0 0 .9 1.6h11.4a1 1 0 0 0 .9-1.6L8.9 2.2a1 1 0 0 0-1.8 0Z',
  arrowDown: 'M8 3v10M3.8 8.8 8 13l4.2-4.2',
  bell: 'M4 7a4 4 0 1 1 8 0c0 3.6 1.4 4.4 1.4 4.4H2.6S4 10.6 4 7ZM6.6 13.6a1.6 1.6 0 0 0 2.8 0',
  check: 'm3.4 8.6 3 3 6.2-7',
  chevronDown: 'm4 6.2 4 4 4-4',
  chevronRight: 'm6.2 4 4 4-4 4',
  chevronUp: 'm4 9.8 4-4 4 4',
  clock: 'M8 4.6V8l2.2 1.4M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M5.6 5.6V3.4a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2.2M3.4 5.6h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z',
  dash: 'M4 8h8',
  download: 'M8 2.6v7.2M4.8 6.8 8 10l3.2-3.2M2.6 13.2h10.8',
  filter: 'M2.4 4h11.2M4.4 8h7.2M6.6 12h2.8',
  fold: 'M2.6 8h10.8M8 1.8v3.6M6 3.6l2 1.8 2-1.8M8 14.2v-3.6M6 12.4l2-1.8 2 1.8',
  keyboard:
    'M2.4 4.2h11.2a.8.8 0 0 1 .8.8v6a.8.8 0 0 1-.8.8H2.4a.8.8 0 0 1-.8-.8V5a.8.8 0 0 1 .8-.8ZM4.2 6.8h.1M6.7 6.8h.1M9.2 6.8h.1M11.7 6.8h.1M5 9.4h6',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.8.2l2-2a2.6 2.6 0 0 0-3.7-3.7L8 4.6M9.2 6.8a2.6 2.6 0 0 0-3.8-.2l-2 2a2.6 2.6 0 0 0 3.7 3.7L8 11.4',
  monitor:
    'M2.6 3h10.8a.6.6 0 0 1 .6.6v6.8a.6.6 0 0 1-.6.6H2.6a.6.6 0 0 1-.6-.6V3.6a.6.6 0 0 1 .6-.6ZM6 13.4h4M8 11v2.4',
  moon: 'M13.6 9.4A6 6 0 0 1 6.6 2.4a6 6 0 1 0 7 7Z',
  pencil: 'm3 13 .7-2.9 6.7-6.7a1.4 1.4 0 0 1 2 0l.2.2a1.4 1.4 0 0 1 0 2L5.9 12.3 3 13Z',
  plus: 'M8 3v10M3 8h10',
  retry: 'M13 3v3.4H9.6M12.8 6.2a5.2 5.2 0 1 0 .3 3.2',
  rows: 'M2.6 3.4h10.8M2.6 6.5h10.8M2.6 9.6h10.8M2.6 12.7h10.8',
  search: 'm13.4 13.4-3.2-3.2M11.4 7a4.4 4.4 0 1 1-8.8 0 4.4 4.4 0 0 1 8.8 0Z',
  signOut: 'M6.4 13.4H3.2a.8.8 0 0 1-.8-.8V3.4a.8.8 0 0 1 .8-.8h3.2M10.4 11l3-3-3-3M13.2 8H6.4',
  stop: 'M4.4 4.4h7.2v7.2H4.4z',
  sun: 'M8 1.6v1.2M8 13.2v1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M1.6 8h1.2M13.2 8h1.2M3.5 12.5l.8-.8M11.7 4.3l.8-.8M10.8 8a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0Z',
  wrap: 'M2.6 3.8h10.8M2.6 12.2h3.2M2.6 8h8.6a2.1 2.1 0 0 1 0 4.2H8.6M10 10.8 8.5 12.2 10 13.6',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: the adjacent text or the button's label carries the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
