/** Small schemas that the others share. */
import { z } from 'zod';
import { ERROR_CODES } from '../errors.ts';

export const id = z.string().min(1).max(64);
export const time = z.number();
export const text = (max: number): z.ZodString => z.string().min(1).max(max);
export const path = z.string().min(1).max(4096);
/** Metric name -> value. Values that are not finite are left out, never sent as null. */
export const metricValues = z.record(z.string(), z.number());
export type MetricValues = z.infer<typeof metricValues>;
export const errorShapeSchema = z.object({ code: z.enum(ERROR_CODES), message: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])).optional() });
