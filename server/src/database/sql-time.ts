import { customType } from 'drizzle-orm/pg-core';

/**
 * A column of points in time, in milliseconds. PostgreSQL also stores times that a Date cannot hold, such as `infinity`:
 * they are read as the beginning of 1970, because one odd row must not make every page that holds it an error.
 */
export const sqlTime = customType<{ data: Date; driverData: string }>({
  dataType: () => 'timestamptz(3)',
  fromDriver: (text) => soundDate(new Date(text)),
  toDriver: (date) => date.toISOString(),
});

function soundDate(date: Date): Date {
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
