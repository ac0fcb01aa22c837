-- SIE type 4 of every company and fiscal year, one row per record: accounts, opening and closing balances, results,
-- verifications and their transactions. Made to be compared, line by line, between the database before and after:
-- fiscal years are named by their first day, not by SIE's 0, -1 …, and nothing depends on today's date.
--
-- Read-only, and the same text for every series: what moved between columns is looked up through to_jsonb().
WITH company AS (
    SELECT c.id, c.name, split_part(coalesce(to_jsonb(c) ->> 'parent_path', c.id || '/'), '/', 1) AS root,
           coalesce(nullif(to_jsonb(p) ->> 'company_registry', ''), to_jsonb(c) ->> 'company_registry') AS number,
           coalesce((to_jsonb(c) ->> 'fiscalyear_last_month')::int, 12) AS last_month
      FROM res_company AS c
      JOIN res_partner AS p ON p.id = c.partner_id
), account AS (
    -- 18.0 keeps one code per root company; before, an account has one code (and one company).
    SELECT a.id, c.id AS company_id,
           coalesce(to_jsonb(a) -> 'code_store' ->> c.root, to_jsonb(a) ->> 'code', '') AS code,
           coalesce(to_jsonb(a.name) ->> 'sv_SE', to_jsonb(a.name) ->> 'en_US', to_jsonb(a.name) #>> '{}') AS name
      FROM account_account AS a
     CROSS JOIN company AS c
), line AS (
    SELECT l.id, l.company_id, l.move_id, l.date, l.balance, account.code,
           -- A year that ends with month 6 begins in July of the year before.
           (date_trunc('month', l.date)
               - make_interval(months => (extract(month FROM l.date)::int - company.last_month + 11) % 12))::date AS year
      FROM account_move_line AS l
      JOIN company ON company.id = l.company_id
      JOIN account ON account.id = l.account_id AND account.company_id = l.company_id
     WHERE l.parent_state = 'posted'
), year AS (
    SELECT DISTINCT company_id, year FROM line
), total AS (
    -- In the BAS chart the classes 1 and 2 are the balance sheet.
    SELECT year.company_id, year.year, line.code, left(line.code, 1) IN ('1', '2') AS balance_sheet,
           sum(line.balance) FILTER (WHERE line.year < year.year) AS opening,
           sum(line.balance) FILTER (WHERE line.year <= year.year) AS closing,
           sum(line.balance) FILTER (WHERE line.year = year.year) AS result
      FROM year
      JOIN line ON line.company_id = year.company_id
     GROUP BY 1, 2, 3, 4
), record AS (
    SELECT id AS company_id, NULL::date AS year, 1 AS rank, '' AS key,
           format('#ORGNR %s', coalesce(number, '')) AS line FROM company
    UNION ALL
    SELECT id, NULL, 1, '', format('#FNAMN "%s"', name) FROM company
    UNION ALL
    SELECT DISTINCT line.company_id, NULL::date, 2, line.code, format('#KONTO %s', line.code) FROM line
    UNION ALL
    SELECT company_id, year, 3, code, format('#IB %s %s', code, round(coalesce(opening, 0), 2)) FROM total
     WHERE balance_sheet AND coalesce(opening, 0) <> 0
    UNION ALL
    SELECT company_id, year, 4, code, format('#UB %s %s', code, round(coalesce(closing, 0), 2)) FROM total
     WHERE balance_sheet AND coalesce(closing, 0) <> 0
    UNION ALL
    SELECT company_id, year, 5, code, format('#RES %s %s', code, round(result, 2)) FROM total
     WHERE NOT balance_sheet AND coalesce(result, 0) <> 0
    UNION ALL
    SELECT DISTINCT line.company_id, line.year, 6, move.name,
           format('#VER %s "%s" %s "%s"', journal.code, move.name, to_char(move.date, 'YYYYMMDD'), move.ref)
      FROM line
      JOIN account_move AS move ON move.id = line.move_id
      JOIN account_journal AS journal ON journal.id = move.journal_id
    UNION ALL
    SELECT line.company_id, line.year, 7, move.name || ' ' || line.code,
           format('#TRANS %s {} %s (%s of "%s")', line.code, round(line.balance, 2),
                  row_number() OVER (PARTITION BY line.move_id, line.code, round(line.balance, 2) ORDER BY line.id), move.name)
      FROM line
      JOIN account_move AS move ON move.id = line.move_id
     WHERE round(line.balance, 2) <> 0
)
SELECT company.name AS company, record.year, record.line
  FROM record
  JOIN company ON company.id = record.company_id
 ORDER BY record.company_id, record.year NULLS FIRST, record.rank, record.key, record.line;
