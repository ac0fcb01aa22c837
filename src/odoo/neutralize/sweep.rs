//! Secrets in columns that no list can foresee: those of payment providers, carriers, backends of connectors.

/// Returns one statement for each text column that by its name holds a secret, in a table that by its name belongs
/// to a connection with somebody else. Logins of users and tokens of documents are not among them, nor is `save_token`,
/// a choice of 14.0.
pub(super) const SECRETS: &str = r"SELECT format(
    'WITH changed AS (UPDATE %1$I SET %2$I = NULL WHERE %2$I IS NOT NULL RETURNING 1)
     INSERT INTO hopp_neutralized (area, what, rows) SELECT ''secrets'', %3$L, count(*) FROM changed',
    c.relname, a.attname, c.relname || '.' || a.attname || ' emptied')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull
  AND a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bytea'::regtype, 'jsonb'::regtype, 'json'::regtype)
  AND (c.relname IN ('payment_provider', 'payment_acquirer', 'delivery_carrier', 'res_company', 'res_company_ldap',
                     'res_config_settings', 'auth_oauth_provider', 'fs_storage', 'db_backup', 'pos_payment_method',
                     'online_bank_statement_provider', 'account_online_link', 'ir_mail_server', 'fetchmail_server',
                     'certificate_certificate', 'certificate_key', 'iot_box', 'sms_account', 'website')
       OR c.relname ~ '(_backend|_connector|_connection|_storage|_sftp|_ftp|_gateway)$')
  AND (a.attname ~ '(secret|passw|passphrase|_pass$|private_key|api_?key|access_key|access_token|refresh_token|auth_token|developer_key|_token$|^token$|credential)'
       AND a.attname <> 'save_token'
       OR (c.relname ~ '^(payment_(provider|acquirer)|delivery_carrier)$' AND a.attname ~ '(key|signature|hmac|login|username)')
       OR (c.relname = 'fs_storage' AND a.attname IN ('options', 'json_options')))
ORDER BY c.relname, a.attname";

/// Notes the *keys* of system parameters that look like secrets. They stay: nobody knows what needs them.
pub(super) const KEPT_KEYS: &str = r"INSERT INTO hopp_neutralized (area, what, rows)
SELECT 'parameters kept', key, 1 FROM ir_config_parameter
WHERE key ~* '(secret|passw|api_?key|private_key|access_key|token|credential)' AND value !~* '^(true|false|none|[0-9]*)$'
  AND key <> 'database.secret' ORDER BY key;
";
