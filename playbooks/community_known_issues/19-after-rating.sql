-- 19.0 asks for ratings by stage and no longer by project. OpenUpgrade moves the settings, but leaves alone what is
-- marked not to be updated: the scheduled action, which then calls a method that projects no longer have, and the mail
-- that asks, which then reads a field they no longer have. Both become what project of 19.0 brings.
UPDATE ir_act_server SET model_id = stage.id, name = replace(ir_act_server.name::text, 'Project: Send rating', 'Project Stage: Send rating')::jsonb
FROM ir_model stage, ir_model project, ir_model_data named
WHERE stage.model = 'project.task.type' AND project.model = 'project.project' AND ir_act_server.model_id = project.id
    AND named.module = 'project' AND named.name = 'ir_cron_rating_project_ir_actions_server'
    AND named.model = 'ir.actions.server' AND named.res_id = ir_act_server.id
    AND trim(ir_act_server.code) = 'model._send_rating_all()'
    AND EXISTS (SELECT FROM ir_model_fields WHERE model = 'project.task.type' AND name = 'rating_status')
    AND NOT EXISTS (SELECT FROM ir_model_fields WHERE model = 'project.project' AND name = 'rating_status');

-- A database without the module mail has no table of templates.
DO $$
BEGIN
    IF to_regclass('mail_template') IS NOT NULL THEN
        UPDATE mail_template SET body_html = replace(body_html::text, 'object.project_id.rating_status', 'object.stage_id.rating_status')::jsonb
        FROM ir_model_data named
        WHERE named.module = 'project' AND named.name = 'rating_project_request_email_template'
            AND named.model = 'mail.template' AND named.res_id = mail_template.id
            AND NOT EXISTS (SELECT FROM ir_model_fields WHERE model = 'project.project' AND name = 'rating_status');
    END IF;
END
$$;
