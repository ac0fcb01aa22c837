-- 15.0 keeps the moment of a sales order's first delivery, 14.0 its day. OpenUpgrade fills the new column in the time zone of
-- whoever made the order, and only where that person has one: all other orders lose the date, and a report of deliveries
-- its figures. They get the beginning of the day, UTC.
-- Does nothing where sale_stock is not installed, and nothing the second time.
DO $$
DECLARE
    filled bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns
                    WHERE table_name = 'sale_order' AND column_name = 'openupgrade_legacy_15_0_effective_date') THEN
        RETURN;
    END IF;
    UPDATE sale_order SET effective_date = openupgrade_legacy_15_0_effective_date
     WHERE effective_date IS NULL AND openupgrade_legacy_15_0_effective_date IS NOT NULL;
    GET DIAGNOSTICS filled = ROW_COUNT;
    RAISE NOTICE '% sales orders have their date of delivery again', filled;
END
$$;
