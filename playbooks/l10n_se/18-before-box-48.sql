-- Until 17.0 the report holds box 48 (ingående moms att dra av) with a minus and adds it to box 49: an item of a purchase
-- has the tag `-se_48`. 18.0 holds it without, as the form of Skatteverket does, and deducts it: there a purchase has
-- `+se_48`. Odoo gives its taxes the other tag and leaves every journal item at the old one, so that 18.0 shows what was
-- deducted as something to pay. Items and tax repartition lines change tags with each other; what is reported stays.
-- Does nothing where the taxes of purchases have `+se_48` already, and so nothing the second time.
DO $$
DECLARE
    link text[];
    moved bigint;
BEGIN
    IF to_regclass('account_account_tag') IS NULL OR NOT EXISTS (
        SELECT FROM information_schema.columns
         WHERE table_name = 'account_tax_repartition_line' AND column_name = 'document_type') THEN
        RETURN;  -- no bookkeeping in this database
    END IF;

    IF to_regclass('pg_temp.hopp_box_48') IS NOT NULL THEN
        DROP TABLE pg_temp.hopp_box_48;  -- a second run in one transaction
    END IF;
    CREATE TEMPORARY TABLE hopp_box_48 ON COMMIT DROP AS
    WITH tag AS (
        SELECT tag.id, left(tag.name ->> 'en_US', 1) AS sign
          FROM account_account_tag AS tag
          JOIN res_country AS country ON country.id = tag.country_id AND country.code = 'SE'
         WHERE tag.applicability = 'taxes' AND tag.name ->> 'en_US' IN ('+se_48', '-se_48')
    )
    SELECT one.id, other.id AS other_id
      FROM tag AS one
      JOIN tag AS other ON other.sign <> one.sign
     WHERE (SELECT count(*) FILTER (WHERE tag.sign = '-') > count(*) FILTER (WHERE tag.sign = '+')
              FROM account_account_tag_account_tax_repartition_line_rel AS link
              JOIN tag ON tag.id = link.account_account_tag_id
              JOIN account_tax_repartition_line AS line ON line.id = link.account_tax_repartition_line_id
              JOIN account_tax AS tax ON tax.id = line.tax_id
             WHERE tax.type_tax_use = 'purchase' AND line.document_type = 'invoice' AND line.repartition_type = 'tax');

    FOREACH link SLICE 1 IN ARRAY ARRAY[
        ['account_account_tag_account_move_line_rel', 'account_move_line_id'],
        ['account_account_tag_account_tax_repartition_line_rel', 'account_tax_repartition_line_id']
    ] LOOP
        -- An item with both tags has both afterwards: it is not touched, and no link is there twice for a moment.
        EXECUTE format(
            'UPDATE %1$I AS link SET account_account_tag_id = tag.other_id
               FROM hopp_box_48 AS tag
              WHERE link.account_account_tag_id = tag.id
                AND NOT EXISTS (SELECT FROM %1$I AS twin
                                 WHERE twin.%2$I = link.%2$I AND twin.account_account_tag_id = tag.other_id)',
            link[1], link[2]);
        GET DIAGNOSTICS moved = ROW_COUNT;
        RAISE NOTICE '%: % links of box 48 turned', link[1], moved;
    END LOOP;
END
$$;
