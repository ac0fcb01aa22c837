-- 15.0 allows a partner once in a mail channel, and its data make the administrator a member of the channel of all
-- employees. Keeps one membership for each partner in a channel, the one that has read furthest, and gives the
-- administrator's the name by which 15.0 looks for it.
-- Does nothing where mail is not installed, and nothing the second time.
DO $$
DECLARE
    removed bigint;
    named bigint;
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
    INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
    SELECT 'mail', 'channel_partner_general_channel_for_admin', 'mail.channel.partner', member.id, true
      FROM mail_channel_partner AS member
      JOIN ir_model_data AS channel
        ON channel.module = 'mail' AND channel.name = 'channel_all_employees' AND channel.res_id = member.channel_id
      JOIN ir_model_data AS admin
        ON admin.module = 'base' AND admin.name = 'partner_admin' AND admin.res_id = member.partner_id
     WHERE NOT EXISTS (SELECT FROM ir_model_data
                        WHERE module = 'mail' AND name = 'channel_partner_general_channel_for_admin');
    GET DIAGNOSTICS named = ROW_COUNT;
    RAISE NOTICE '% membership of the administrator named', named;
END
$$;
