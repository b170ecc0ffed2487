import { z } from 'zod';

/** More than this on one host is a mistake. */
const labelsMax = 32;

export const labelKey = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
export const labelValue = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/);

/** Failure domains and roles of one host, as its enrolment, its own root and the controller's operators may write them. */
export const labels = z
  .record(labelKey, labelValue)
  .refine((found) => Object.keys(found).length <= labelsMax, `more than ${labelsMax} labels`);
