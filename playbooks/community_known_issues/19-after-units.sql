-- 19.0 relates each unit of measure to another one. OpenUpgrade takes the other one from the module's data, where square
-- feet have had another external id since: they stay without a relation, and nothing converts to square metres any more.
-- A unit that was not the reference of its category, and is related to none, is related to that reference.
DO $$
BEGIN
    IF to_regclass('uom_uom') IS NULL OR NOT EXISTS (
        SELECT FROM information_schema.columns
         WHERE table_name = 'uom_uom' AND column_name = 'openupgrade_legacy_19_0_uom_type') THEN
        RETURN;
    END IF;
    UPDATE uom_uom unit
       SET relative_uom_id = reference.id,
           relative_factor = round(1 / unit.openupgrade_legacy_19_0_factor::numeric, 6),
           factor = round(1 / unit.openupgrade_legacy_19_0_factor::numeric, 6) * reference.factor,
           parent_path = reference.parent_path || unit.id || '/'
      FROM uom_uom reference
     WHERE unit.relative_uom_id IS NULL AND unit.openupgrade_legacy_19_0_uom_type <> 'reference'
       AND reference.openupgrade_legacy_19_0_uom_type = 'reference'
       AND reference.openupgrade_legacy_19_0_category_id = unit.openupgrade_legacy_19_0_category_id
       AND reference.id <> unit.id AND unit.openupgrade_legacy_19_0_factor > 0
       AND NOT EXISTS (SELECT FROM uom_uom other WHERE other.relative_uom_id = unit.id);
END
$$;
