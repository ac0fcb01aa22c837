-- OpenUpgrade gives entries of one journal that have the same number another one, as 17.0 allows it no longer. Versions up to
-- 17.0.1.0.1.312 do so with entries that have none yet: a draft is called `/ [28]`, and that would be its number once it is posted.
-- Does nothing where nothing is booked, and nothing the second time.
DO $$
DECLARE
    freed bigint;
BEGIN
    IF to_regclass('account_move') IS NULL THEN
        RETURN;
    END IF;
    UPDATE account_move SET name = '/' WHERE state <> 'posted' AND name = '/ [' || id || ']';
    GET DIAGNOSTICS freed = ROW_COUNT;
    RAISE NOTICE '% drafts without a number again', freed;
END
$$;
