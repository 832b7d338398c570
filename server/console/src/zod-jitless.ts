import { z } from 'zod';

/**
 * Our content security policy forbids generating code from strings, which zod does to speed up its parsers. Zod tries when
 * a schema is created, so this must be the first import of the page.
 */
z.config({ jitless: true });
