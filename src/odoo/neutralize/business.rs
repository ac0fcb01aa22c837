//! Payments, deliveries, electronic documents, bank connections, calendars.

use super::Neutralization as N;

pub(super) fn statements() -> Vec<N> {
    let mut all = vec![
        N::update(
            "payment",
            "payment providers switched off",
            ("payment_provider", &["state"]),
            "state = 'disabled'",
            "state NOT IN ('test', 'disabled')",
        ),
        N::update(
            "payment",
            "payment acquirers switched off",
            ("payment_acquirer", &["state"]),
            "state = 'disabled'",
            "state NOT IN ('test', 'disabled')",
        ),
        N::update(
            "delivery",
            "carriers put into test mode",
            ("delivery_carrier", &["prod_environment"]),
            "prod_environment = false",
            "prod_environment",
        ),
        N::update(
            "delivery",
            "carriers that call a service switched off",
            ("delivery_carrier", &["active", "delivery_type"]),
            "active = false",
            "active AND delivery_type NOT IN ('fixed', 'base_on_rule')",
        ),
        // Since 19.0 a long token is encrypted; cutting it would leave something that cannot be decrypted.
        N::update(
            "iap",
            "accounts for paid services disabled",
            ("iap_account", &["account_token"]),
            "account_token = CASE WHEN length(account_token) > 33 THEN 'dummy_value' ELSE split_part(account_token, '+', 1) END || '+disabled'",
            r"account_token NOT LIKE '%+disabled'",
        ),
        N::update(
            "e-documents",
            "users of document proxies switched off",
            ("account_edi_proxy_client_user", &["active", "refresh_token"]),
            "active = false, refresh_token = NULL",
            "active OR refresh_token IS NOT NULL",
        ),
        N::update(
            "e-documents",
            "Peppol put into demo mode",
            ("ir_config_parameter", &["key", "value"]),
            "value = 'demo'",
            "key = 'account_peppol.edi.mode' AND value <> 'demo'",
        ),
        N::update(
            "bank",
            "online statement providers switched off",
            ("online_bank_statement_provider", &["active"]),
            "active = false",
            "active",
        ),
        N::update(
            "point of sale",
            "payment terminals disconnected",
            ("pos_payment_method", &["use_payment_terminal"]),
            "use_payment_terminal = NULL",
            "use_payment_terminal IS NOT NULL",
        ),
        N::update(
            "web services",
            "addresses of web services pointed nowhere",
            ("webservice_backend", &["url"]),
            "url = 'http://invalid'",
            "url <> 'http://invalid'",
        ),
    ];
    all.extend(calendars());
    all
}

/// Where the tokens are moved from series to series: users, credentials of their own, settings.
fn calendars() -> [N; 8] {
    let area = "calendar";
    [
        N::update(
            area,
            "Google tokens of users removed",
            ("res_users", &["google_calendar_rtoken", "google_calendar_token"]),
            "google_calendar_rtoken = NULL, google_calendar_token = NULL",
            "google_calendar_rtoken IS NOT NULL OR google_calendar_token IS NOT NULL",
        ),
        N::update(
            area,
            "Google credentials removed",
            ("google_calendar_credentials", &["calendar_rtoken", "calendar_token"]),
            "calendar_rtoken = NULL, calendar_token = NULL",
            "calendar_rtoken IS NOT NULL OR calendar_token IS NOT NULL",
        ),
        N::update(
            area,
            "Google credentials stopped",
            ("google_calendar_credentials", &["synchronization_stopped"]),
            "synchronization_stopped = true",
            "synchronization_stopped IS NOT TRUE",
        ),
        N::update(
            area,
            "Google tokens of settings removed",
            (
                "res_users_settings",
                &["google_calendar_rtoken", "google_calendar_token"],
            ),
            "google_calendar_rtoken = NULL, google_calendar_token = NULL",
            "google_calendar_rtoken IS NOT NULL OR google_calendar_token IS NOT NULL",
        ),
        N::update(
            area,
            "Google synchronization stopped",
            ("res_users_settings", &["google_synchronization_stopped"]),
            "google_synchronization_stopped = true",
            "google_synchronization_stopped IS NOT TRUE",
        ),
        N::update(
            area,
            "Microsoft tokens of users removed",
            ("res_users", &["microsoft_calendar_rtoken", "microsoft_calendar_token"]),
            "microsoft_calendar_rtoken = NULL, microsoft_calendar_token = NULL",
            "microsoft_calendar_rtoken IS NOT NULL OR microsoft_calendar_token IS NOT NULL",
        ),
        N::update(
            area,
            "Microsoft synchronization of users stopped",
            ("res_users", &["microsoft_synchronization_stopped"]),
            "microsoft_synchronization_stopped = true",
            "microsoft_synchronization_stopped IS NOT TRUE",
        ),
        N::update(
            area,
            "Microsoft synchronization stopped",
            ("res_users_settings", &["microsoft_synchronization_stopped"]),
            "microsoft_synchronization_stopped = true",
            "microsoft_synchronization_stopped IS NOT TRUE",
        ),
    ]
}
