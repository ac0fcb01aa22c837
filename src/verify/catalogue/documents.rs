//! Documents and mail: attachments by their content, messages, who follows.

use super::{Expect, Invariant};
use crate::event::Severity::{Error, Warning};

/// Bundles of scripts and styles, and what comes with the code.
const OF_PEOPLE: &str =
    "a.res_model IS NOT NULL AND a.res_model NOT LIKE 'ir.%' AND coalesce(a.url, '') NOT LIKE '/web/%'";

/// What an attachment is. A file is named after the SHA-1 of its content: one of another name is told.
const CONTENT: &str =
    "concat_ws(' ', a.name, a.res_id, 'sha1', coalesce(a.checksum, '-'), coalesce(a.file_size, 0), 'bytes', CASE WHEN a.public THEN 'public' END,
        CASE WHEN a.type <> 'binary' THEN concat_ws(' ', a.type, a.url) END,
        CASE WHEN split_part(a.store_fname, '/', 2) <> a.checksum THEN concat('kept as ', a.store_fname) END)";

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "attachments",
        area: "documents",
        title: "files attached to records: name, content, size, where it lies and whether they are public",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "find them by id in the backup's ir_attachment; their content is in the filestore under the name of its SHA-1",
        explained: &[],
        query: |ground| {
            ground.has("ir_attachment", &["res_field", "checksum", "file_size", "public", "res_id", "store_fname", "url", "type"]).then(|| {
                format!(
                    "SELECT a.id, concat('attachment ', a.id, ' (', left(a.name, 60), ') of ', a.res_model, ' ', a.res_id), {CONTENT}
                     FROM ir_attachment a WHERE a.res_field IS NULL AND a.res_id > 0 AND {OF_PEOPLE}"
                )
            })
        },
    },
    Invariant {
        id: "loose-files",
        area: "documents",
        title: "files of no record: pictures of pages and mails that people uploaded",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "find them by id in the backup's ir_attachment; their content is in the filestore under the name of its SHA-1",
        explained: &[],
        query: |ground| {
            ground.has("ir_attachment", &["res_field", "checksum", "file_size", "public", "res_id", "store_fname", "url", "type", "create_uid"]).then(|| {
                // What the series makes for itself has an address of its own, or is Odoo's own user's.
                format!(
                    "SELECT a.id, concat('attachment ', a.id, ' (', left(a.name, 60), ')'), {CONTENT}
                     FROM ir_attachment a WHERE a.res_field IS NULL AND (coalesce(a.res_id, 0) = 0 OR a.res_model = 'ir.ui.view')
                       AND coalesce(a.res_model, 'ir.ui.view') = 'ir.ui.view' AND a.create_uid > 1 AND coalesce(a.url, '/web/image/') LIKE '/web/image/%'
                       AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.attachment' AND d.res_id = a.id)"
                )
            })
        },
    },
    Invariant {
        id: "field-files",
        area: "documents",
        title: "pictures and files in fields of records",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "find them by id in the backup's ir_attachment; their content is in the filestore under the name of its SHA-1",
        explained: &[],
        query: |ground| {
            ground.has("ir_attachment", &["res_field", "checksum", "file_size", "res_id", "store_fname", "url"]).then(|| {
                // Smaller sizes are made from the picture; what comes with a module's record is the module's.
                format!(
                    "SELECT concat_ws(' ', a.res_id, a.res_field, a.res_model),
                        concat(a.res_field, ' of ', a.res_model, ' ', a.res_id, ' (attachment ', min(a.id), ')'),
                        concat('sha1 ', min(coalesce(a.checksum, '-')))
                     FROM ir_attachment a WHERE a.res_field IS NOT NULL AND a.res_id > 0 AND {OF_PEOPLE}
                       AND a.res_field NOT IN ('image_1024', 'image_512', 'image_256', 'image_128')
                       AND (a.res_model IN ('res.partner', 'res.company', 'res.users', 'product.template', 'product.product')
                            OR NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = a.res_model AND d.res_id = a.res_id))
                     GROUP BY a.res_id, a.res_field, a.res_model"
                )
            })
        },
    },
    Invariant {
        id: "messages",
        area: "documents",
        title: "messages per model, of which none may go",
        severity: Error,
        expect: Expect::NotLower,
        remedy: "compare mail_message by id in both databases",
        explained: &[],
        query: |ground| {
            ground.has("mail_message", &["model", "message_type", "res_id"]).then(|| {
                let model = ground.model("m.model");
                format!(
                    "SELECT concat_ws(' ', m.message_type, coalesce({model}, '-')), concat(m.message_type, ' of ', coalesce({model}, 'nothing')), count(*)
                     FROM mail_message m WHERE m.message_type IN ('email', 'comment') GROUP BY m.message_type, {model}"
                )
            })
        },
    },
    Invariant {
        id: "messages-empty",
        area: "documents",
        title: "messages of people without a text",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "take the texts from the backup's mail_message, by id",
        explained: &[],
        query: |ground| {
            ground.has("mail_message", &["body", "message_type"]).then(|| {
                "SELECT id, concat('message ', id, ' of ', model, ' ', res_id), 'no text' FROM mail_message
                 WHERE message_type IN ('email', 'comment') AND coalesce(body, '') = ''"
                    .into()
            })
        },
    },
    Invariant {
        id: "mail-templates",
        area: "documents",
        title: "mail templates that people made",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's mail_template, by id",
        explained: &[],
        query: |ground| {
            ground.has("mail_template", &["name"]).then(|| {
                let name = ground.shape.text("t", "mail_template", "name");
                format!(
                    "SELECT t.id, concat('template ', t.id, ' (', {name}, ')'), 'there' FROM mail_template t
                     WHERE NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'mail.template' AND d.res_id = t.id)"
                )
            })
        },
    },
];
