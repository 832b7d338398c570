import { z } from 'zod';

/**
 * Our content security policy forbids making code out of text, which is how zod makes its parsers fast. Schemas try it
 * when they are made, so this must be the first import of the page.
 */
z.config({ jitless: true });
