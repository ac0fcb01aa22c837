-- 17.0 names charts `se`, `se_K2` and `se_K3`. OpenUpgrade maps the core module's charts; a company whose chart came
-- from the community's own `l10n_se` is left without one, and no later module can load its accounts and taxes. It gets
-- the chart that was remembered before 15.0, else `se`, the smallest.
DO $$
DECLARE
    company record;
BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns
                    WHERE table_schema = current_schema AND table_name = 'res_company' AND column_name = 'chart_template') THEN
        RETURN;  -- no bookkeeping in this database
    END IF;
    FOR company IN
        UPDATE res_company AS c
           SET chart_template = coalesce(
                   (SELECT value FROM ir_config_parameter WHERE key = 'hopp.l10n_se.chart.' || c.id), 'se')
          FROM res_partner AS p
          JOIN res_country AS country ON country.id = p.country_id AND country.code = 'SE'
         WHERE p.id = c.partner_id
           AND (c.chart_template IS NULL
                OR EXISTS (SELECT FROM ir_config_parameter WHERE key = 'hopp.l10n_se.chart.' || c.id))
           AND EXISTS (SELECT FROM account_move AS move WHERE move.company_id = c.id)
     RETURNING c.id, c.chart_template
    LOOP
        RAISE NOTICE 'company %: chart %', company.id, company.chart_template;
    END LOOP;
    DELETE FROM ir_config_parameter WHERE key LIKE 'hopp.l10n\_se.chart.%';
END
$$;
