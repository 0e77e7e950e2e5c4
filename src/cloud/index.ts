export type { Enrolment, PortalFailure } from './model.ts';
export { enrol } from './portal-client.ts';
export type { EnrolOptions } from './portal-client.ts';
export type { PortalFetch, PortalResponse } from './ports.ts';
