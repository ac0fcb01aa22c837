-- Swedish organisation numbers, VAT numbers, Bankgiro and Plusgiro numbers whose check digit is wrong. Ten digits with a
-- check digit by Luhn; a VAT number is SE, the organisation number, and 01.
WITH number AS (
    SELECT 'organisation number' AS kind, p.id, p.name, to_jsonb(p) ->> 'company_registry' AS value,
           regexp_replace(coalesce(to_jsonb(p) ->> 'company_registry', ''), '\D', '', 'g') AS digits
      FROM res_partner AS p
      JOIN res_country AS country ON country.id = p.country_id AND country.code = 'SE'
     WHERE p.is_company AND p.active
    UNION ALL
    SELECT 'VAT number', p.id, p.name, p.vat, substr(regexp_replace(p.vat, '\D', '', 'g'), 1, 10)
      FROM res_partner AS p
     WHERE p.vat ILIKE 'SE%' AND p.active
    UNION ALL
    SELECT CASE WHEN bank.acc_number ~ '^\d{3,4}-\d{4}$' THEN 'Bankgiro' ELSE 'Plusgiro' END, bank.partner_id, p.name,
           bank.acc_number, regexp_replace(bank.acc_number, '\D', '', 'g')
      FROM res_partner_bank AS bank
      JOIN res_partner AS p ON p.id = bank.partner_id
     WHERE bank.acc_number ~ '^\d{3,4}-\d{4}$' OR bank.acc_number ~ '^\d{1,7}-\d$'
), checked AS (
    SELECT number.*, (SELECT sum(CASE WHEN product > 9 THEN product - 9 ELSE product END)
                        FROM (SELECT substr(digits, place, 1)::int * (1 + (length(digits) - place) % 2) AS product
                                -- A person's number may be written with its century, which the check digit leaves out.
                                FROM generate_series(greatest(length(digits) - 9, 1), length(digits)) AS place) AS products) AS luhn
      FROM number
     WHERE digits <> ''
)
SELECT kind, id, name, value
  FROM checked
 WHERE luhn % 10 <> 0
    OR kind IN ('organisation number', 'VAT number') AND length(digits) NOT IN (10, 12)
    OR kind = 'VAT number' AND regexp_replace(value, '[ -]', '', 'g') !~* '^SE\d{10}01$'
 ORDER BY kind, id;
