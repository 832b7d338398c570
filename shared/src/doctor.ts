import { z } from 'zod';

/** One thing around the server that was looked at. */
const doctorFindingSchema = z.object({
  /** What was looked at: `database`, `log_store`, `launches`, `disk`, `clock`, `proxy`. More may come. */
  check: z.string(),
  /** `warn`: it works, and may fail later or be less safe. `fail`: something does not work. */
  status: z.enum(['ok', 'warn', 'fail']),
  /** What was found, for people. */
  message: z.string(),
  /** What to do about it; absent where nothing needs to be done. */
  remedy: z.string().optional(),
});
export type DoctorFinding = z.infer<typeof doctorFindingSchema>;

/** Whether everything around the server fits. */
export const doctorReportSchema = z.object({
  /** The worst status of all findings. */
  status: doctorFindingSchema.shape.status,
  findings: z.array(doctorFindingSchema),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
