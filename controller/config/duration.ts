import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "500ms", "5s", "2m", "1h" -> milliseconds. Without a unit it is an error: nobody should have to guess. */
export const duration = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h)$/)
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] ?? '';
    return Number.parseInt(text, 10) * (unitMs[unit] ?? 0);
  });
