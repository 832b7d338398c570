/** Two decimal places; less than a cent is `< $0.01` rather than `$0.00`. */
export function formatDollars(dollars: number): string {
  return dollars > 0 && dollars < 0.01
    ? '< $0.01'
    : `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** An estimate in a sentence: `about $0.12`, `less than $0.01`. */
export function aboutDollars(dollars: number): string {
  return dollars > 0 && dollars < 0.01 ? 'less than $0.01' : `about ${formatDollars(dollars)}`;
}
