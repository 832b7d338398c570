/** `$2,603.33` */
export function dollars(amount: number): string {
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** Two decimal places; less than a cent is `< $0.01` rather than `$0.00`. */
export function formatDollars(amount: number): string {
  return isBelowOneCent(amount) ? '< $0.01' : dollars(amount);
}

/** Whether the amount would be rounded to nothing. */
export function isBelowOneCent(amount: number): boolean {
  return amount > 0 && amount < 0.01;
}

/** An estimate in a sentence: `about $0.12`, `less than $0.01`. */
export function aboutDollars(amount: number): string {
  return isBelowOneCent(amount) ? 'less than $0.01' : `about ${dollars(amount)}`;
}
