-- Swedish companies with journal items and without a chart of accounts that this series knows: taxes and accounts of
-- later modules cannot be loaded for them. 17.0 renamed the charts; a chart of the community's own l10n_se got no name.
SELECT company.id, company.name, to_jsonb(company) ->> 'chart_template' AS chart
  FROM res_company AS company
  JOIN res_partner AS partner ON partner.id = company.partner_id
  JOIN res_country AS country ON country.id = partner.country_id AND country.code = 'SE'
 WHERE (SELECT split_part(latest_version, '.', 1)::int FROM ir_module_module WHERE name = 'base') >= 17
   AND coalesce(to_jsonb(company) ->> 'chart_template', '') NOT IN ('se', 'se_K2', 'se_K3')
   AND EXISTS (SELECT FROM account_move AS move WHERE move.company_id = company.id)
 ORDER BY company.id;
