-- The community's own `l10n_se` (14.0 and before) has the name of the core module and charts of its own: `chart_template_K2_2017`,
-- `chart_template_general` … When 15.0 loads the core module, records that it does not know are removed, and a company
-- is left without a chart. The chart in use gets the name that the core module knows, and which of the 17.0 charts it
-- is nearest to is remembered for `17-after-chart.sql`. Accounts and taxes themselves are the company's and stay.
DO $$
DECLARE
    chart record;
BEGIN
    IF to_regclass('account_chart_template') IS NULL OR to_regclass('res_company') IS NULL THEN
        RETURN;  -- no bookkeeping in this database
    END IF;
    FOR chart IN
        SELECT company.id AS company, data.id AS data, data.name,
               CASE WHEN data.name ~ 'K2' THEN 'se_K2' WHEN data.name ~ 'K[34]' THEN 'se_K3' ELSE 'se' END AS code
          FROM res_company AS company
          JOIN ir_model_data AS data
            ON data.module = 'l10n_se' AND data.model = 'account.chart.template' AND data.res_id = company.chart_template_id
         WHERE data.name NOT LIKE 'l10nse\_chart\_template%'
         ORDER BY company.id
    LOOP
        INSERT INTO ir_config_parameter (key, value) VALUES ('hopp.l10n_se.chart.' || chart.company, chart.code)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value;
        -- One chart can have the name; companies with another one find theirs again through what is remembered.
        UPDATE ir_model_data SET name = 'l10nse_chart_template'
         WHERE id = chart.data
           AND NOT EXISTS (SELECT FROM ir_model_data WHERE module = 'l10n_se' AND name = 'l10nse_chart_template');
        RAISE NOTICE 'company %: chart % of the community module will be %', chart.company, chart.name, chart.code;
    END LOOP;
END
$$;
