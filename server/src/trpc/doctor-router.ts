import type { Doctor } from '../doctor/doctor.js';
import { procedureFor, router } from './procedure.js';

export interface DoctorRouterServices {
  readonly doctor: Doctor;
}

/** Over a WebSocket the report does without the proxies: a socket knows those of its upgrade at most. */
export function createDoctorRouter({ doctor }: DoctorRouterServices) {
  return router({ report: procedureFor('doctor.report').query(({ ctx }) => doctor.report(ctx.seen)) });
}
