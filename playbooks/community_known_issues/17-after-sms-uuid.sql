-- 17.0 gives every text message an identifier of its own, and gives all that are there one and the same: the rule that no two
-- messages share one cannot be made. Each gets its own, and the database the rule.
-- Does nothing where sms is not installed, and nothing the second time.
DO $$
DECLARE
    told bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_name = 'sms_sms' AND column_name = 'uuid') THEN
        RETURN;
    END IF;
    UPDATE sms_sms SET uuid = replace(gen_random_uuid()::text, '-', '')
     WHERE EXISTS (SELECT FROM sms_sms AS other WHERE other.uuid = sms_sms.uuid AND other.id < sms_sms.id);
    GET DIAGNOSTICS told = ROW_COUNT;
    RAISE NOTICE '% text messages told from others', told;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'sms_sms_uuid_unique')
        AND to_regclass('sms_sms_uuid_unique') IS NULL THEN
        ALTER TABLE sms_sms ADD CONSTRAINT sms_sms_uuid_unique UNIQUE (uuid);
    END IF;
END
$$;
