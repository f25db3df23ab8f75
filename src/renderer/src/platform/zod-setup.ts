/** Must be imported before any schema: the content policy forbids making code from strings, which zod would otherwise try. */
import { z } from 'zod';

z.config({ jitless: true });
