//! Which columns of which tables a survey reads. Everything else is only counted.

/// Returns the columns that are read of a table. The readers of [`super::surveyor`] count on their order.
pub(super) fn of(table: &str) -> &'static [&'static str] {
    match table {
        "ir_module_module" => &[
            "id",
            "name",
            "state",
            "latest_version",
            "author",
            "website",
            "license",
            "imported",
        ],
        "ir_module_module_dependency" => &["module_id", "name"],
        "res_users" => &["active", "share"],
        "res_company" => &["name", "partner_id", "account_fiscal_country_id", "chart_template"],
        "res_country" => &["id", "code"],
        "res_partner" => &["id", "country_id"],
        "res_lang" => &["code", "active"],
        "ir_attachment" => &["store_fname", "name", "res_model", "id", "url", "db_datas", "file_size"],
        "ir_model" => &["model", "state", "id"],
        "ir_model_fields" => &["model", "name", "state", "id", "compute"],
        "ir_model_data" => &["model", "res_id", "module"],
        "ir_act_server" => &["id", "name", "state", "code"],
        "ir_ui_view" => &["id", "name", "website_id", "type", "arch_db"],
        "base_automation" | "ir_mail_server" | "fetchmail_server" | "ir_cron" => &["active"],
        "payment_provider" | "payment_acquirer" | "mail_mail" | "sms_sms" => &["state"],
        "iap_account" => &["id"],
        _ => &[],
    }
}
