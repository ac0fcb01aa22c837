-- Keeps one membership for each partner in a mail channel: the one that has read furthest.
-- Does nothing where mail is not installed, and nothing the second time.
DO $$
DECLARE
    removed bigint;
BEGIN
    IF to_regclass('mail_channel_partner') IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM mail_channel_partner
     WHERE id IN (
        SELECT id
          FROM (SELECT id, row_number() OVER (
                           PARTITION BY channel_id, partner_id
                           ORDER BY seen_message_id DESC NULLS LAST, id) AS place
                  FROM mail_channel_partner
                 WHERE partner_id IS NOT NULL) AS member
         WHERE place > 1);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RAISE NOTICE '% duplicate channel memberships removed', removed;
END
$$;
