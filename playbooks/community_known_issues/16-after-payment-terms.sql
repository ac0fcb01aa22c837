-- 16.0 says in another way when a payment is due: months and days after the invoice, then perhaps to the end of that month, then
-- perhaps some days more. OpenUpgrade converts one of Odoo's own terms and leaves every other one at its number of days: `30 days,
-- end of month` becomes 30 days, without an error. The old columns are still there and say what is meant.
--   N days after the end of the invoice's month  is  the end of the month, and N days
--   the Dth of the next month                    is  the end of the month, and D days; the 31st is the end of the next month
--   the 31st of the invoice's month              is  the end of the month
--   N days, then the next Dth of a month         is  N days, the end of that month, and D days; the 31st is the end of that month
-- Of the last, 16.0 knows only the Dth of the month after: where the Dth of the same month was meant, a payment is due a month
-- later, and `hopp verify` says so. Another day of the invoice's own month cannot be said at all and stays as it is.
-- Does nothing where nothing is invoiced, and nothing the second time.
DO $$
DECLARE
    converted bigint;
BEGIN
    IF (SELECT count(*) FROM information_schema.columns
         WHERE table_name = 'account_payment_term_line'
           AND column_name IN ('option', 'day_of_the_month', 'end_month', 'months', 'days_after')) < 5 THEN
        RETURN;
    END IF;
    UPDATE account_payment_term_line
       SET end_month = true,
           months = CASE WHEN option = 'day_following_month' AND days >= 31 THEN 1 ELSE 0 END,
           days = CASE WHEN option = 'day_after_invoice_date' THEN days ELSE 0 END,
           days_after = CASE
               WHEN option = 'after_invoice_month' THEN days
               WHEN option = 'day_following_month' AND days < 31 THEN days
               WHEN option = 'day_after_invoice_date' AND day_of_the_month < 31 THEN day_of_the_month
               ELSE 0 END
     WHERE NOT coalesce(end_month, false)
       AND (option IN ('after_invoice_month', 'day_following_month')
            OR option = 'day_current_month' AND days >= 31
            OR option = 'day_after_invoice_date' AND day_of_the_month > 0);
    GET DIAGNOSTICS converted = ROW_COUNT;
    RAISE NOTICE '% lines of payment terms converted', converted;
END
$$;
