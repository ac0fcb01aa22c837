//! Users, attachments, scheduled actions.

use super::probe::Probe;
use super::sql::Part;

pub(super) fn parts(probe: &Probe) -> Vec<Part> {
    let mut parts = Vec::new();
    if probe.has("res_groups_implied_rel", &["gid", "hid"]) && probe.has("res_groups_users_rel", &["gid", "uid"]) {
        parts.push(users());
        parts.push(groups());
    }
    if probe.has("ir_attachment", &["store_fname", "file_size", "res_field"]) {
        parts.push(attachments());
    }
    if probe.has("ir_cron", &["active"]) {
        parts.push(crons());
    }
    parts
}

/// Since 19.0 only the groups given by hand are stored, so what counts are these and all they imply.
fn users() -> Part {
    Part::list(
        "users",
        "WITH RECURSIVE member (uid, gid) AS (
            SELECT uid, gid FROM res_groups_users_rel
            UNION SELECT m.uid, i.hid FROM member m JOIN res_groups_implied_rel i ON i.gid = m.gid
         ), named AS (
            SELECT m.uid, coalesce(min(d.module || '.' || d.name), 'res.groups ' || m.gid) AS name
            FROM member m LEFT JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = m.gid GROUP BY m.uid, m.gid
         )
         SELECT u.id, u.login, coalesce(u.active, false) AS active, coalesce(u.share, false) AS share,
            coalesce((SELECT jsonb_agg(n.name ORDER BY n.name) FROM named n WHERE n.uid = u.id), '[]') AS groups
         FROM res_users u ORDER BY u.id",
    )
}

fn groups() -> Part {
    Part::list(
        "groups",
        "WITH named AS (
            SELECT g.id, coalesce(min(d.module || '.' || d.name), 'res.groups ' || g.id) AS name
            FROM res_groups g LEFT JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = g.id GROUP BY g.id
         )
         SELECT n.name, coalesce((SELECT jsonb_agg(h.name ORDER BY h.name) FROM res_groups_implied_rel i
            JOIN named h ON h.id = i.hid WHERE i.gid = n.id), '[]') AS implies
         FROM named n ORDER BY n.name",
    )
}

/// Bundles of scripts and styles are made anew by every series, icons of menus come with the code: neither is a
/// document.
fn attachments() -> Part {
    Part::value(
        "attachments",
        "SELECT jsonb_build_object(
            'rows', count(*), 'in_filestore', count(store_fname), 'bytes', coalesce(sum(file_size), 0),
            'documents', (SELECT coalesce(jsonb_object_agg(res_model, n), '{}') FROM (
                SELECT res_model, count(*) AS n FROM ir_attachment
                WHERE res_field IS NULL AND res_id > 0 AND res_model IS NOT NULL
                  AND res_model NOT IN ('ir.ui.view', 'ir.ui.menu', 'ir.module.module')
                  AND coalesce(url, '') NOT LIKE '/web/%' GROUP BY 1) AS d))
         FROM ir_attachment",
    )
}

fn crons() -> Part {
    Part::list(
        "crons",
        "SELECT coalesce(min(d.module || '.' || d.name), 'ir.cron ' || c.id) AS name, coalesce(c.active, false) AS active
         FROM ir_cron c LEFT JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id
         GROUP BY c.id, c.active ORDER BY 1",
    )
}
