import type { Doctor } from '../doctor/doctor.js';
import { procedureFor, router } from './procedure.js';

export interface DoctorRouterServices {
  readonly doctor: Doctor;
}

/** Over a WebSocket the report omits the proxies: only a request shows them. */
export function createDoctorRouter({ doctor }: DoctorRouterServices) {
  return router({ report: procedureFor('doctor.report').query(({ ctx }) => doctor.report(ctx.seen)) });
}
