//! Mail, text messages, letters and push messages, both ways.

use super::Neutralization as N;
use crate::ident::Series;

/// The name that Odoo's own neutralizing gives the mail server that leads nowhere.
const DEAD_SERVER: &str = "neutralization - disable emails";

pub(super) fn statements(series: Series) -> Vec<N> {
    vec![
        N::update(
            "mail",
            "outgoing mail servers switched off",
            ("ir_mail_server", &["active", "smtp_host"]),
            "active = false",
            "active AND smtp_host IS DISTINCT FROM 'invalid'",
        ),
        dead_server(series),
        N::update(
            "mail",
            "credentials of outgoing mail servers removed",
            ("ir_mail_server", &["smtp_pass", "smtp_user"]),
            "smtp_pass = NULL, smtp_user = NULL",
            "smtp_pass IS NOT NULL OR smtp_user IS NOT NULL",
        ),
        N::update(
            "mail",
            "mail templates freed from their mail server",
            ("mail_template", &["mail_server_id"]),
            "mail_server_id = NULL",
            "mail_server_id IS NOT NULL",
        ),
        N::update(
            "mail",
            "incoming mail servers switched off",
            ("fetchmail_server", &["active"]),
            "active = false",
            "active",
        ),
        N::update(
            "mail",
            "credentials of incoming mail servers removed",
            ("fetchmail_server", &["password", "user"]),
            r#"password = NULL, "user" = NULL"#,
            r#"password IS NOT NULL OR "user" IS NOT NULL"#,
        ),
        N::update(
            "mail",
            "waiting mails cancelled",
            ("mail_mail", &["state"]),
            "state = 'cancel'",
            "state = 'outgoing'",
        ),
        N::update(
            "mail",
            "mailings under way put back to draft",
            ("mailing_mailing", &["state"]),
            "state = 'draft'",
            "state IN ('in_queue', 'sending')",
        ),
        N::update(
            "mail",
            "alias domains made unreachable",
            ("mail_alias_domain", &["name"]),
            "name = name || '.invalid'",
            r"name NOT LIKE '%.invalid'",
        ),
        N::update(
            "mail",
            "catchall domain made unreachable",
            ("ir_config_parameter", &["key", "value"]),
            "value = value || '.invalid'",
            "key = 'mail.catchall.domain' AND value NOT LIKE '%.invalid'",
        ),
        N::update(
            "sms",
            "waiting text messages cancelled",
            ("sms_sms", &["state"]),
            "state = 'canceled'",
            "state IN ('outgoing', 'process', 'pending')",
        ),
        N::update(
            "letters",
            "waiting letters cancelled",
            ("snailmail_letter", &["state"]),
            "state = 'canceled'",
            "state = 'pending'",
        ),
        N::delete("push", "waiting push messages deleted", ("mail_push", &[]), "true"),
        N::delete(
            "push",
            "devices for push messages forgotten",
            ("mail_push_device", &[]),
            "true",
        ),
        N::delete(
            "push",
            "waiting web push messages deleted",
            ("mail_notification_web_push", &[]),
            "true",
        ),
        N::delete(
            "push",
            "devices for web push messages forgotten",
            ("mail_partner_device", &[]),
            "true",
        ),
    ]
}

/// Odoo falls back on the command line's mail server when a database has none; so it gets one that leads nowhere.
fn dead_server(series: Series) -> N {
    let (column, value) = if series.major() >= 15 {
        (", smtp_authentication", ", 'login'")
    } else {
        ("", "")
    };
    let missing = "NOT EXISTS (SELECT FROM ir_mail_server WHERE active AND smtp_host = 'invalid')";
    N {
        area: "mail",
        what: "a mail server that leads nowhere added",
        needs: vec![(
            "ir_mail_server",
            &["active", "smtp_host", "smtp_port", "smtp_encryption"],
        )],
        sql: format!(
            "INSERT INTO ir_mail_server (name, smtp_host, smtp_port, smtp_encryption{column}, active) SELECT '{DEAD_SERVER}', 'invalid', 1025, 'none'{value}, true WHERE {missing} RETURNING 1"
        ),
        live: format!("SELECT count(*) FROM (SELECT WHERE {missing}) AS missing"),
    }
}
