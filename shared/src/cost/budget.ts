import { z } from 'zod';
import { labelSchema, filledText } from '../field-rule.js';
import { hourlyCostSchema } from '../launch-fields.js';

const NAME_MAX_CHARACTERS = 100;
export const BUDGET_LEVELS = ['within', 'warning', 'exceeded'] as const;

const budgetFields = {
  name: filledText(NAME_MAX_CHARACTERS),
  /** US dollars per hour that may run together. */
  maxHourlyCost: hourlyCostSchema,
};

/** A ceiling on what the nodes of a tenant, of a deployment, or of a tenant's deployment cost per hour together. */
export const budgetInputSchema = z
  .strictObject({ ...budgetFields, tenantId: labelSchema.optional(), deploymentId: labelSchema.optional() })
  .refine(({ tenantId, deploymentId }) => tenantId !== undefined || deploymentId !== undefined, {
    path: ['tenantId'],
    error: 'is required, or deployment_id: a budget is of a tenant or of a deployment',
  });
export type BudgetInput = z.output<typeof budgetInputSchema>;

/** Absent fields stay. The tenant or deployment of a budget cannot change: make another one. */
export const budgetPatchSchema = z.strictObject(budgetFields).partial();
export type BudgetPatch = z.output<typeof budgetPatchSchema>;

export const budgetSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  maxHourlyCost: z.number(),
  tenantId: z.string().optional(),
  deploymentId: z.string().optional(),
  /** US dollars per hour of what runs now; a launch counts with its expected price until its machine is known. */
  hourlyCost: z.number(),
  /** `warning` from 80 % on; `exceeded` above it, and when a launch was refused because of it. */
  level: z.enum(BUDGET_LEVELS),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Budget = z.infer<typeof budgetSchema>;
