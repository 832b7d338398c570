import { z } from 'zod';
import { filledText, wholeNumber } from './field-rule.js';

const TASK_MAX_CHARACTERS = 32_768;
const PATH_MAX_CHARACTERS = 200;
const TEXT_MAX_CHARACTERS = 500;
const PORT_MAX = 65_535;

/** The text of a task of SkyPilot. The server reads it, and SkyPilot judges it. */
export const taskYamlSchema = filledText(TASK_MAX_CHARACTERS).refine(
  (task) => !task.includes('\0') && !/\p{Surrogate}/u.test(task),
  { error: 'must be text without NUL characters' },
);

/** How a model server shows that it serves. It is asked for until it does, and as long as the node is active. */
export const readySchema = z.strictObject(
  {
    /** It must answer 200. `/health` where absent. */
    path: z
      .string({ error: 'must be a string' })
      .regex(new RegExp(`^/[\\x21\\x22\\x24-\\x7e]{0,${PATH_MAX_CHARACTERS - 1}}$`), {
        error: `must be a path such as '/health' of at most ${PATH_MAX_CHARACTERS} printable ASCII characters`,
      })
      .optional(),
    /** 8000 where absent. It is opened to the internet. */
    port: wholeNumber(1, PORT_MAX).optional(),
    /** Text that the answer must contain. */
    text: filledText(TEXT_MAX_CHARACTERS).optional(),
  },
  { error: 'must be an object with path, port or text' },
);
