-- Moves journal items and tax repartition lines from signed tax tags (`+X`, `-X`) to the unsigned tag `X` of the same
-- country. Creates no tag: where `X` is missing, the signed tag keeps its links. A second run finds nothing to do.
--
-- The figures stay: until 18.0 a grid is the sum of balances, turned by the tag's sign and by the item's
-- `tax_tag_invert`; from 19.0 it is the plain sum, turned by the report's formula. An invoice of 100 (balance -100,
-- tag `+X`, inverted) and its refund (balance 100, tag `-X`) gave 100 and -100, and so they do under formula `-X`.
DO $$
DECLARE
    link text[];
    moved bigint;
BEGIN
    IF to_regclass('account_account_tag') IS NULL THEN
        RETURN;  -- no bookkeeping in this database
    END IF;

    IF to_regclass('pg_temp.hopp_signed_tag') IS NOT NULL THEN
        DROP TABLE pg_temp.hopp_signed_tag;  -- a second run in one transaction
    END IF;
    CREATE TEMPORARY TABLE hopp_signed_tag ON COMMIT DROP AS
    WITH tag AS (
        -- Tag names are translated; the report's formulas are matched against the English ones.
        SELECT id, country_id, COALESCE(to_jsonb(name) ->> 'en_US', to_jsonb(name) #>> '{}') AS name
          FROM account_account_tag
         WHERE applicability = 'taxes'
    )
    SELECT signed.id, left(signed.name, 1) AS sign, min(unsigned.id) AS unsigned_id
      FROM tag AS signed
      JOIN tag AS unsigned
        ON unsigned.name = substr(signed.name, 2)
       AND unsigned.country_id IS NOT DISTINCT FROM signed.country_id
     WHERE left(signed.name, 1) IN ('+', '-')
     GROUP BY signed.id, left(signed.name, 1);

    FOREACH link SLICE 1 IN ARRAY ARRAY[
        ['account_account_tag_account_move_line_rel', 'account_move_line_id'],
        ['account_account_tag_account_tax_repartition_line_rel', 'account_tax_repartition_line_id']
    ] LOOP
        -- Whatever carries both signs of a grid counted for nothing in it, and gets no tag. Whatever has the unsigned
        -- tag already keeps that one link.
        EXECUTE format(
            'INSERT INTO %1$I (%2$I, account_account_tag_id)
             SELECT link.%2$I, tag.unsigned_id
               FROM %1$I AS link
               JOIN hopp_signed_tag AS tag ON tag.id = link.account_account_tag_id
              GROUP BY link.%2$I, tag.unsigned_id
             HAVING count(DISTINCT tag.sign) = 1
                 ON CONFLICT DO NOTHING', link[1], link[2]);
        EXECUTE format(
            'DELETE FROM %1$I AS link USING hopp_signed_tag AS tag
              WHERE link.account_account_tag_id = tag.id', link[1]);
        GET DIAGNOSTICS moved = ROW_COUNT;
        RAISE NOTICE '%: % links moved to unsigned tags', link[1], moved;
    END LOOP;
END
$$;
