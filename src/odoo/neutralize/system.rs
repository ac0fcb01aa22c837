//! Crons, queues, identity, addresses and logins.

use super::Neutralization as N;

/// Parameters that identify the database to its vendor or hold keys of services, deleted.
const VENDOR_PARAMETERS: &str = "key IN ('database.enterprise_code', 'database.expiration_date', \
    'database.expiration_reason', 'mail.web_push_vapid_public_key', 'mail.web_push_vapid_private_key', \
    'mail.sfu_server_key', 'mail.google_translate_api_key', 'discuss.tenor_api_key', \
    'google_calendar_client_secret', 'google_gmail_client_secret', 'microsoft_calendar_client_secret', \
    'microsoft_outlook_client_secret', 'google_drive_refresh_token', 'recaptcha_private_key', \
    'base_geolocalize.google_map_api_key', 'unsplash.access_key') OR key LIKE 'cloud\\_storage\\_%'";

/// The shape of a uuid we gave: version 8 (free use, RFC 9562) with `686f-8070-9`. A second run leaves it alone.
const OUR_UUID: &str = "________-686f-8070-9___-____________";

pub(super) fn statements() -> Vec<N> {
    let mut all = vec![
        N::update(
            "cron",
            "scheduled actions switched off",
            ("ir_cron", &["active"]),
            "active = false",
            "active AND id NOT IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module = 'base' AND name = 'autovacuum_job')",
        )
        .with("ir_model_data", &["model", "module", "name", "res_id"]),
        N::update(
            "queue",
            "waiting queue jobs cancelled",
            ("queue_job", &["state"]),
            "state = 'cancelled'",
            "state IN ('wait_dependencies', 'pending', 'enqueued', 'started')",
        ),
        N::update(
            "webhooks",
            "outgoing webhooks pointed nowhere",
            ("ir_act_server", &["state", "webhook_url"]),
            "webhook_url = 'neutralization - disable webhook'",
            "state = 'webhook' AND webhook_url IS DISTINCT FROM 'neutralization - disable webhook'",
        ),
        N::update(
            "login",
            "OAuth providers switched off",
            ("auth_oauth_provider", &["enabled"]),
            "enabled = false",
            "enabled",
        ),
        N::update(
            "login",
            "LDAP servers pointed nowhere",
            ("res_company_ldap", &["ldap_server"]),
            "ldap_server = 'invalid'",
            "ldap_server <> 'invalid'",
        ),
        N::delete(
            "identity",
            "vendor codes and service keys deleted",
            ("ir_config_parameter", &["key", "value"]),
            VENDOR_PARAMETERS,
        ),
        N::update(
            "identity",
            "a uuid of its own",
            ("ir_config_parameter", &["key", "value"]),
            "value = (SELECT left(md5, 8) || '-686f-8070-9' || substr(md5, 9, 3) || '-' || right(md5, 12) FROM (SELECT md5(random()::text || clock_timestamp()::text)) AS new (md5))",
            &format!("key = 'database.uuid' AND value NOT LIKE '{OUR_UUID}'"),
        ),
        N::update(
            "website",
            "domains of websites removed",
            ("website", &["domain"]),
            "domain = NULL",
            "domain IS NOT NULL",
        ),
        N::update(
            "website",
            "content delivery networks switched off",
            ("website", &["cdn_activated"]),
            "cdn_activated = false",
            "cdn_activated",
        ),
        N::update(
            "website",
            "search engines sent away",
            ("website", &["robots_txt"]),
            r"robots_txt = E'User-agent: *\nDisallow: /'",
            r"robots_txt IS DISTINCT FROM E'User-agent: *\nDisallow: /'",
        ),
    ];
    // `report.url` is where wkhtmltopdf, inside the same container, fetches its styles.
    all.extend(
        [
            ("identity", "marked as neutralized", "database.is_neutralized", "true"),
            (
                "addresses",
                "web.base.url set to localhost",
                "web.base.url",
                "http://localhost",
            ),
            ("addresses", "web.base.url frozen", "web.base.url.freeze", "True"),
            (
                "addresses",
                "report.url set to the container itself",
                "report.url",
                "http://127.0.0.1:8069",
            ),
        ]
        .map(|(area, what, key, value)| parameter(area, what, key, value)),
    );
    all
}

/// Sets a system parameter, whether it is there or not.
fn parameter(area: &'static str, what: &'static str, key: &str, value: &str) -> N {
    let missing = format!("NOT EXISTS (SELECT FROM ir_config_parameter WHERE key = '{key}' AND value = '{value}')");
    N {
        area,
        what,
        needs: vec![("ir_config_parameter", &["key", "value"])],
        sql: format!(
            "INSERT INTO ir_config_parameter (key, value) SELECT '{key}', '{value}' WHERE {missing} ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING 1"
        ),
        live: format!("SELECT count(*) FROM (SELECT WHERE {missing}) AS missing"),
    }
}
