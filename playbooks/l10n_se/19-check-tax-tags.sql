-- Signed tax tags that journal items or taxes still refer to: reports of 19.0 do not look at these tags.
SELECT COALESCE(to_jsonb(tag.name) ->> 'en_US', to_jsonb(tag.name) #>> '{}') AS tag,
       country.code AS country,
       (SELECT count(*) FROM account_account_tag_account_move_line_rel AS link
         WHERE link.account_account_tag_id = tag.id) AS journal_items,
       (SELECT count(*) FROM account_account_tag_account_tax_repartition_line_rel AS link
         WHERE link.account_account_tag_id = tag.id) AS tax_lines
  FROM account_account_tag AS tag
  LEFT JOIN res_country AS country ON country.id = tag.country_id
 WHERE tag.applicability = 'taxes'
   AND left(COALESCE(to_jsonb(tag.name) ->> 'en_US', to_jsonb(tag.name) #>> '{}'), 1) IN ('+', '-')
   AND (EXISTS (SELECT FROM account_account_tag_account_move_line_rel AS link
                 WHERE link.account_account_tag_id = tag.id)
        OR EXISTS (SELECT FROM account_account_tag_account_tax_repartition_line_rel AS link
                    WHERE link.account_account_tag_id = tag.id))
 ORDER BY 2, 1;
