-- The models and fields of the tables that there are, as Odoo would note them.
CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar, transient boolean);
CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model_id int, model varchar, name varchar, ttype varchar, store boolean,
    relation varchar, relation_table varchar, column1 varchar, column2 varchar);
CREATE TABLE ir_model_fields_selection (id serial PRIMARY KEY, field_id int, value varchar);
INSERT INTO ir_model (model) SELECT replace(relname, '_', '.') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'ir\_%';
INSERT INTO ir_model_fields (model_id, model, name, store, ttype)
    SELECT m.id, m.model, a.attname, true, CASE
        WHEN a.attname IN ('comment', 'body_html') THEN CASE WHEN t.typname = 'text' AND to_regclass('mail_channel') IS NOT NULL AND a.attname = 'comment' THEN 'text' ELSE 'html' END
        WHEN a.attname LIKE '%\_id' AND a.attname <> 'res_id' THEN 'many2one'
        WHEN t.typname = 'int4' THEN 'integer' WHEN t.typname = 'numeric' THEN 'float' ELSE 'char' END
    FROM ir_model m JOIN pg_class c ON c.relname = replace(m.model, '.', '_')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type t ON t.oid = a.atttypid;
