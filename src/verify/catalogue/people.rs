//! People: how they log in, and what lets them in.

use super::{Expect, Invariant};
use crate::event::Severity::{Error, Warning};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "passwords",
        area: "people",
        title: "passwords of users",
        severity: Error,
        expect: Expect::Same,
        remedy: "take the hashes from the backup's res_users, unless the passwords were changed on purpose",
        explained: &[],
        query: |ground| {
            ground.has("res_users", &["password", "login"]).then(|| {
                "SELECT u.id, concat('user ', u.id, ' (', u.login, ')'), 'md5:' || md5(u.password) FROM res_users u
                 WHERE u.password IS NOT NULL AND u.login <> 'default'"
                    .into()
            })
        },
    },
    Invariant {
        id: "two-factor",
        area: "people",
        title: "users with two-factor authentication",
        severity: Error,
        expect: Expect::Same,
        remedy: "take totp_secret from the backup's res_users: without it a password alone lets them in",
        explained: &[],
        query: |ground| {
            ground.has("res_users", &["totp_secret", "login"]).then(|| {
                "SELECT u.id, concat('user ', u.id, ' (', u.login, ')'), 'md5:' || md5(u.totp_secret) FROM res_users u
                 WHERE u.totp_secret IS NOT NULL"
                    .into()
            })
        },
    },
    Invariant {
        id: "api-keys-lost",
        area: "people",
        title: "API keys",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's res_users_apikeys, or give the programs that use them new ones",
        explained: &[],
        query: |ground| {
            ground
                .has("res_users_apikeys", &["key", "user_id", "scope"])
                .then(|| api_keys().into())
        },
    },
    Invariant {
        id: "api-keys-gained",
        area: "people",
        title: "API keys that were not there",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "remove them, unless somebody made them on purpose: they log in without a password",
        explained: &[],
        query: |ground| {
            ground
                .has("res_users_apikeys", &["key", "user_id", "scope"])
                .then(|| api_keys().into())
        },
    },
    Invariant {
        id: "users-gained",
        area: "people",
        title: "users who could not log in before",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "archive them, unless somebody let them in on purpose",
        explained: &[],
        query: |ground| {
            ground.has("res_users", &["active", "share", "login"]).then(|| {
                "SELECT concat_ws(' ', u.id, CASE WHEN u.share THEN 'portal' ELSE 'internal' END),
                    concat('user ', u.id, ' (', u.login, ')'), CASE WHEN u.share THEN 'portal' ELSE 'internal' END
                 FROM res_users u WHERE u.active"
                    .into()
            })
        },
    },
    Invariant {
        id: "rules-lost",
        area: "people",
        title: "active record rules and access rights that people made",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_rule and ir_model_access: without a rule people see more than they should",
        explained: &[],
        query: |ground| {
            (ground.has("ir_rule", &["active", "name"]) && ground.has("ir_model_access", &["active", "name"])
                && ground.has("rule_group_rel", &["rule_group_id", "group_id"]))
            .then(|| {
                "SELECT concat('rule ', r.id), concat('rule ', r.id, ' (', r.name, ')'), concat('for groups ', (SELECT string_agg(g.group_id::text, ', ' ORDER BY g.group_id) FROM rule_group_rel g WHERE g.rule_group_id = r.id)) FROM ir_rule r
                 WHERE r.active AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.rule' AND d.res_id = r.id)
                 UNION ALL SELECT concat('access ', a.id), concat('access right ', a.id, ' (', a.name, ')'), 'active' FROM ir_model_access a
                 WHERE a.active AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.model.access' AND d.res_id = a.id)".into()
            })
        },
    },
];

fn api_keys() -> &'static str {
    "SELECT k.id, concat('key ', k.id, ' (', k.name, ') of user ', k.user_id), 'md5:' || md5(concat_ws(' ', k.key, k.user_id, k.scope))
     FROM res_users_apikeys k"
}
