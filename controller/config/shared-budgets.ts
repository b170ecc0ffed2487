import { z } from 'zod';
import type { Service, SharedBudget } from '../core/fleet.ts';
import { readBudget } from './budget.ts';
import { type YamlFile, show } from './yaml-file.ts';

const budgetName = /^[a-z0-9][a-z0-9-]{0,62}$/;
const hostsOrPercent = z.union([z.int().min(0).max(100_000), z.string().regex(/^(100|\d{1,2})%$/)]);

/** One entry of `budgets`. */
export const sharedBudget = z.strictObject({
  services: z.array(z.string()).min(1).max(10_000).optional(),
  model: z
    .string()
    .regex(/^[ -~]{1,128}$/)
    .optional(),
  keepUp: hostsOrPercent.optional(),
  maxOut: hostsOrPercent.optional(),
  oneAtATime: z.string().optional(),
});
type BudgetFields = z.infer<typeof sharedBudget>;

/** The budgets over more than one service, or over a hardware model. Reports every problem; `topology` null: nothing can be said about levels. */
export function readBudgets(
  yaml: YamlFile,
  found: Readonly<Record<string, unknown>>,
  services: readonly Service[],
  topology: readonly string[] | null,
): readonly SharedBudget[] {
  return Object.entries(found).flatMap(([name, value]) => {
    const path = ['budgets', name];
    if (!budgetName.test(name)) yaml.add(path, `${show(name)} is no name for a budget`);
    if (services.some((service) => service.name === name))
      yaml.add(path, `a service has that name too, and reasons name both: call it ${name}-together`);
    const fields = yaml.parse(sharedBudget, value ?? {}, path);
    return fields === null ? [] : [toBudget(yaml, name, fields, services, topology)];
  });
}

function toBudget(
  yaml: YamlFile,
  name: string,
  fields: BudgetFields,
  services: readonly Service[],
  topology: readonly string[] | null,
): SharedBudget {
  const path = ['budgets', name];
  const { oneAtATime = 'off' } = fields;
  if (oneAtATime !== 'off' && topology?.includes(oneAtATime) === false)
    yaml.add([...path, 'oneAtATime'], `${show(oneAtATime)} is not a level of the topology [${topology.join(', ')}]`);
  const level = oneAtATime === 'off' ? null : oneAtATime;
  if ((fields.services === undefined) === (fields.model === undefined)) {
    yaml.add(path, 'a budget is over services or over a model: write one of the two');
  }
  const over: SharedBudget['over'] =
    fields.model === undefined
      ? { kind: 'services', services: fields.services ?? [] }
      : { kind: 'model', model: fields.model };
  return { name, over, maxOut: readMaxOut(yaml, path, fields, over, services), oneAtATime: level };
}

/** Percentages are of the declared sizes; how many hosts a model has nobody declares. */
function readMaxOut(
  yaml: YamlFile,
  path: readonly string[],
  { keepUp, maxOut }: BudgetFields,
  over: SharedBudget['over'],
  services: readonly Service[],
): number {
  if (over.kind === 'model') {
    if (typeof maxOut === 'number' && maxOut > 0 && keepUp === undefined) return maxOut;
    yaml.add([...path, 'maxOut'], 'a budget over a model says maxOut as a number of hosts, 1 or more');
    return 0;
  }
  for (const name of over.services)
    if (!services.some((service) => service.name === name))
      yaml.add([...path, 'services'], `there is no service ${name} without mistakes`);
  const size = services
    .filter((service) => over.services.includes(service.name))
    .reduce((sum, service) => sum + service.size, 0);
  if (size === 0) return 0;
  const budget = readBudget({ size, keepUp, maxOut });
  if ('maxOut' in budget) return budget.maxOut;
  yaml.add([...path, budget.field], budget.problem);
  return 0;
}
