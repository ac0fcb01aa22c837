-- Two templates of the mail designer are made from templates of web_editor: 19.0 has them stand alone. It merges web_editor
-- into html_editor, so that what they were made from is deleted, and they with it, right after the hop wrote them anew.
-- Does nothing where mass_mailing is not installed, and nothing the second time.
UPDATE ir_ui_view SET inherit_id = NULL
FROM ir_model_data named, ir_model_data original
WHERE named.module = 'mass_mailing' AND named.name IN ('email_designer_snippets', 's_hr')
    AND named.model = 'ir.ui.view' AND named.res_id = ir_ui_view.id AND ir_ui_view.mode = 'primary'
    AND original.module = 'web_editor' AND original.model = 'ir.ui.view' AND original.res_id = ir_ui_view.inherit_id;
