use super::*;
use crate::odoo::dump::DumpScan;

fn surveyed(dump: &str, files: &[&str]) -> Survey {
    let mut surveyor = Surveyor::default();
    for file in files {
        surveyor.file(file, 10);
    }
    let mut scan = DumpScan::default();
    scan.feed(dump.as_bytes(), &mut surveyor);
    let dump = scan.finish(&mut surveyor);
    surveyor.finish(&dump)
}

#[test]
fn a_company_has_the_country_of_its_partner() {
    let survey = surveyed(
        "COPY public.res_company (id, name, partner_id, chart_template) FROM stdin;\n1\tAcme\t7\tse\n2\tNowhere\t8\t\\N\n\\.\n\
         COPY public.res_country (id, code) FROM stdin;\n196\tSE\n\\.\n\
         COPY public.res_partner (id, country_id) FROM stdin;\n7\t196\n8\t\\N\n9\t1\n\\.\n",
        &[],
    );
    let countries: Vec<_> = survey
        .companies
        .iter()
        .map(|company| company.country.as_deref())
        .collect();
    assert_eq!(countries, [Some("SE"), None]);
    assert_eq!(survey.companies[0].chart.as_deref(), Some("se"));
    assert_eq!(survey.rows("res_partner"), 3);
}

#[test]
fn a_view_is_somebodys_own_when_no_module_knows_it() {
    let survey = surveyed(
        "COPY public.ir_act_server (id, name, state) FROM stdin;\n1\t{\"en_US\": \"Mine\"}\tcode\n2\tTheirs\tcode\n3\tOther\tobject_write\n\\.\n\
         COPY public.ir_model_data (id, module, model, res_id) FROM stdin;\n1\tbase\tir.ui.view\t1\n2\t__export__\tir.ui.view\t2\n\
         3\tstudio_customization\tir.ui.view\t3\n4\tbase\tir.actions.server\t2\n5\tbase\tres.partner\t4\n\\.\n\
         COPY public.ir_ui_view (id, name, website_id) FROM stdin;\n1\tknown\t\\N\n2\texported\t\\N\n3\tstudio\t\\N\n4\tbare\t\\N\n5\tcopy\t1\n\\.\n",
        &[],
    );
    let names = |own: &[Own]| own.iter().map(|own| own.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&survey.customised.views), ["exported", "studio", "bare"]);
    assert_eq!(names(&survey.customised.server_actions), ["Mine"]);
    assert_eq!((survey.customised.website_copies, survey.customised.studio), (1, 1));
}

#[test]
fn an_attachment_without_its_file_is_named() {
    let (here, gone) = (
        "ab/abcdef0123456789abcdef0123456789abcdef01",
        "cd/cdef0123456789abcdef0123456789abcdef0123",
    );
    let dump = format!(
        "COPY public.ir_attachment (id, name, res_model, store_fname) FROM stdin;\n1\ta.pdf\tsale.order\t{here}\n\
         2\tb.pdf\taccount.move\t{gone}\n3\tlink\t\\N\t\\N\n\\.\n"
    );
    let attachments = surveyed(&dump, &[here]).attachments;
    assert_eq!((attachments.rows, attachments.stored, attachments.missing), (3, 2, 1));
    assert_eq!(attachments.examples, ["b.pdf (account.move)"]);
    assert_eq!(
        surveyed(&dump, &[]).attachments.missing,
        0,
        "without a filestore nothing is missing"
    );
}

#[test]
fn what_is_live_is_counted_and_dependencies_are_joined() {
    let survey = surveyed(
        "COPY public.ir_mail_server (id, active) FROM stdin;\n1\tt\n2\tf\n\\.\n\
         COPY public.payment_provider (id, state) FROM stdin;\n1\tenabled\n2\ttest\n\\.\n\
         COPY public.ir_module_module (id, name, state, latest_version) FROM stdin;\n5\tsale\tto upgrade\t18.0.1.2\n6\tcrm\tuninstalled\t\\N\n\\.\n\
         COPY public.ir_module_module_dependency (id, name, module_id) FROM stdin;\n1\tweb\t5\n2\tbase\t5\n3\tmail\t99\n\\.\n",
        &[],
    );
    assert_eq!(survey.live["outgoing mail server"], 1);
    assert_eq!(survey.live["payment provider"], 1);
    assert!(!survey.live.contains_key("incoming mail server"));
    assert_eq!(survey.modules["sale"].depends, ["base", "web"]);
    assert_eq!(survey.transient().collect::<Vec<_>>(), [("sale", "to upgrade")]);
    assert_eq!(survey.installed().count(), 1);
}
