-- Marks the dashboards of purchase for removal. Odoo 18.0 does not have their code, and removes them all the same
-- at the end of the hop: views, menus and records that they own go, nothing else does.
UPDATE ir_module_module
   SET state = 'to remove'
 WHERE name IN ('spreadsheet_dashboard_purchase', 'spreadsheet_dashboard_purchase_stock')
   AND state = 'installed';
