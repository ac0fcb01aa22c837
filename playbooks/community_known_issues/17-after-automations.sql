-- Up to 16.0 an automation rule is a server action with a trigger; from 17.0 on it stands alone, and has server actions. OpenUpgrade moves
-- name, model and action, but only since scripts of 2024: with older ones each rule is left without all three and does
-- nothing, and no one can open one, as its form still inherits that of server actions. This does what is left undone.
-- Does nothing where base_automation is not installed, and nothing the second time.
DO $$
DECLARE
    moved bigint;
BEGIN
    IF (SELECT count(*) FROM information_schema.columns
         WHERE (table_name, column_name) IN (('base_automation', 'action_server_id'), ('base_automation', 'model_id'),
            ('base_automation', 'name'), ('ir_act_server', 'base_automation_id'))) < 4 THEN
        RETURN;
    END IF;
    UPDATE base_automation SET model_id = action.model_id, name = coalesce(base_automation.name, action.name)
      FROM ir_act_server AS action
     WHERE action.id = base_automation.action_server_id AND base_automation.model_id IS NULL;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RAISE NOTICE '% automation rules have their model again', moved;
    UPDATE ir_act_server SET base_automation_id = rule.id, usage = 'base_automation'
      FROM base_automation AS rule
     WHERE rule.action_server_id = ir_act_server.id AND ir_act_server.base_automation_id IS NULL;
    UPDATE base_automation SET webhook_uuid = gen_random_uuid()::text
     WHERE EXISTS (SELECT FROM base_automation AS other
                    WHERE other.webhook_uuid = base_automation.webhook_uuid AND other.id < base_automation.id);
    UPDATE ir_ui_view SET inherit_id = NULL
      FROM ir_model_data AS named
     WHERE named.module = 'base_automation' AND named.name = 'view_base_automation_form'
       AND named.model = 'ir.ui.view' AND named.res_id = ir_ui_view.id
       AND ir_ui_view.inherit_id IS NOT NULL AND ir_ui_view.arch_db ->> 'en_US' ~ '^\s*<form\M';
END
$$;
