import { doctorReportSchema } from '@launchlog/shared/doctor';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Doctor } from '../../doctor/doctor.js';
import { seenRequest } from '../../doctor/seen-request.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface DoctorRouteOptions {
  readonly doctor: Doctor;
}

/** The report of the doctor, for administrators. */
export function addDoctorRoutes(app: RestApp, { doctor }: DoctorRouteOptions): void {
  app.add(REPORT, async (call) => {
    const [unknown] = call.query.keys();
    if (unknown !== undefined) {
      throw new LaunchlogError(
        'invalid_request',
        `'${unknown}' is no parameter of this route: it takes none`,
      );
    }
    return call.context.json(await doctor.report(seenRequest(call.incoming, call.address)));
  });
}

const REPORT: RestRoute = {
  route: 'GET /admin/doctor',
  summary: 'Whether everything around the server fits, with remedies',
  description:
    'Looks at database, log store, disk, clock, what launches, and the proxies that this request came through. The status is ' +
    '200 also where a finding is `fail`.',
  responses: { 200: jsonContent('The findings', snakeCaseSchema(doctorReportSchema)) },
  errors: ['invalid_request'],
};
