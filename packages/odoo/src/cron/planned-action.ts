import Type from 'typebox'
import { Value } from 'typebox/value'

/** One active scheduled action as its database shows it; times are epoch seconds. */
const schema = Type.Object({
  id: Type.Integer(),
  nextcall: Type.Number(),
  lastcall: Type.Union([Type.Number(), Type.Null()]),
  trigger: Type.Union([Type.Number(), Type.Null()]),
  /** Null for one without: Odoo 17 has neither as a must. */
  interval_number: Type.Union([Type.Integer(), Type.Null()]),
  interval_type: Type.Union([Type.String(), Type.Null()]),
  state: Type.Union([Type.String(), Type.Null()]),
  model: Type.Union([Type.String(), Type.Null()]),
  code: Type.Union([Type.String(), Type.Null()]),
  action: Type.Union([Type.String(), Type.Null()]),
  is_extended: Type.Boolean(),
  version: Type.Union([Type.String(), Type.Null()]),
})
export type PlannedAction = Type.Static<typeof schema>

/** The database is its tenant's and may say anything; what is no schedule is refused. */
export function parsePlannedActions(rows: readonly unknown[]): readonly PlannedAction[] {
  return rows.map((row) => Value.Parse(schema, row))
}

/** More than anybody has; the earliest count. */
const most = 500

/**
 * A model is extended where another module has written down that it adds to it; whose module it is, its author tells.
 * `numbercall` (17) is 0 for an action that has used up its calls. Texts are cut: a tenant decides how long they are.
 */
export const plannedActionsQuery = `
SELECT c.id,
  extract(epoch FROM c.nextcall)::float8 AS nextcall,
  extract(epoch FROM c.lastcall)::float8 AS lastcall,
  extract(epoch FROM (SELECT min(t.call_at) FROM public.ir_cron_trigger t WHERE t.cron_id = c.id))::float8 AS trigger,
  c.interval_number, left(c.interval_type, 20) AS interval_type,
  left(s.state, 40) AS state, left(m.model, 100) AS model,
  left(btrim(s.code, E' \\t\\r\\n'), 300) AS code,
  (SELECT left(d.module || '.' || d.name, 200) FROM public.ir_model_data d
    WHERE d.model = 'ir.cron' AND d.res_id = c.id ORDER BY d.id LIMIT 1) AS action,
  EXISTS (SELECT FROM public.ir_model_data d
    LEFT JOIN public.ir_module_module o ON o.name = d.module
    WHERE d.model = 'ir.model' AND d.res_id = s.model_id
      AND lower(coalesce(o.author, '')) NOT IN ('odoo s.a.', 'odoo sa', 'odoo')) AS is_extended,
  (SELECT left(b.latest_version, 20) FROM public.ir_module_module b WHERE b.name = 'base') AS version
FROM public.ir_cron c
LEFT JOIN public.ir_act_server s ON s.id = c.ir_actions_server_id
LEFT JOIN public.ir_model m ON m.id = s.model_id
WHERE c.active AND coalesce(to_jsonb(c) ->> 'numbercall', '-1') <> '0'
  AND isfinite(c.nextcall) AND coalesce(isfinite(c.lastcall), true)
ORDER BY c.nextcall, c.id LIMIT ${most}`
