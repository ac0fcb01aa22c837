-- What the VAT return (momsdeklaration) of each month says, box by box, by the rule of the database's own series.
--
-- Until 18.0 a box has two tags, `+se_05` and `-se_05`, and a journal item may turn the sign round. From 19.0 it has one
-- tag, found by exactly that name, and the report's formula holds the sign. 14.0 without the item's own mark: sales and
-- refunds turn it, cash basis entries never do. Until 17.0 the report of Odoo holds box 48 with a minus and adds it to box 49;
-- 18.0 holds it as the form does, without, and deducts it. Here it is always as on the form.
WITH series AS (
    SELECT split_part(latest_version, '.', 1)::int AS major FROM ir_module_module WHERE name = 'base'
), box AS (
    -- Tables that this series does not have must not be named outside the text of a query.
    SELECT code, sign FROM xmltable('/table/row' PASSING query_to_xml(
        CASE WHEN (SELECT major FROM series) >= 19 THEN
            'SELECT DISTINCT ON (1) ltrim(formula, ''-'') AS code,
                    CASE WHEN formula LIKE ''-%'' THEN -1 ELSE 1 END AS sign
               FROM account_report_expression WHERE engine = ''tax_tags'' ORDER BY 1, 2'
        ELSE 'SELECT NULL::text AS code, 1 AS sign WHERE false' END, true, false, '')
        COLUMNS code text PATH 'code', sign int PATH 'sign')
), tag AS (
    SELECT tag.id, tag.country_id, to_jsonb(tag) ->> 'tax_negate' = 'true' AS negative,
           coalesce(to_jsonb(tag.name) ->> 'en_US', to_jsonb(tag.name) #>> '{}') AS name
      FROM account_account_tag AS tag
      JOIN res_country AS country ON country.id = tag.country_id AND country.code = 'SE'
     WHERE tag.applicability = 'taxes'
), item AS (
    SELECT company.name AS company, to_char(l.date, 'YYYY-MM') AS period,
           CASE WHEN series.major >= 19 THEN box.code ELSE ltrim(tag.name, '+-') END AS box,
           l.balance * CASE
               WHEN series.major >= 19 THEN box.sign
               WHEN to_jsonb(l) ? 'tax_tag_invert' THEN
                   CASE WHEN tag.negative THEN -1 ELSE 1 END
                       * CASE WHEN to_jsonb(l) ->> 'tax_tag_invert' = 'true' THEN -1 ELSE 1 END
               ELSE CASE WHEN tag.negative THEN -1 ELSE 1 END
                       * CASE WHEN move.tax_cash_basis_rec_id IS NOT NULL
                                OR (journal.type = 'sale') = (move.move_type IN ('in_refund', 'out_refund'))
                              THEN 1 ELSE -1 END
           END AS amount
      FROM account_move_line AS l
      JOIN account_account_tag_account_move_line_rel AS link ON link.account_move_line_id = l.id
      JOIN tag ON tag.id = link.account_account_tag_id
      JOIN account_move AS move ON move.id = l.move_id
      JOIN account_journal AS journal ON journal.id = move.journal_id
      JOIN res_company AS company ON company.id = l.company_id
     CROSS JOIN series
      LEFT JOIN box ON box.code = tag.name
     WHERE l.parent_state = 'posted'
)
SELECT company, period, box,
       round(sum(amount), 2) * CASE WHEN box = 'se_48' AND (SELECT major FROM series) < 18 THEN -1 ELSE 1 END AS amount
  FROM item
 WHERE box IS NOT NULL
 GROUP BY 1, 2, 3
HAVING round(sum(amount), 2) <> 0
 ORDER BY 1, 2, 3;
