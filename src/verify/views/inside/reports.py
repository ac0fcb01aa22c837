# Every report of which a record exists is rendered: to PDF where that can be made and matters most, else to HTML.
PRINTED = 4  # PDFs take seconds each


def look_at_reports():
    reports = env["ir.actions.report"].search([("report_type", "like", "qweb")], order="id")
    counts["reports"] = len(reports)
    counts["reports_rendered"] = counts["reports_printed"] = 0
    printer = reports[:1].get_wkhtmltopdf_state() in ("ok", "upgrade", "workers")
    printed, unprinted = [], []
    for report in reports:
        model = report.model
        grave = model in STANDARD
        if model not in env:
            names = ["model:%s" % model]
            fault("report", "ir_act_report_xml", report.id, report.name, names, ["model"], of=model, grave=grave)
            continue
        # What no Print menu offers may need the answers of a wizard.
        if not report.binding_model_id and not grave:
            continue
        record = newest_document(model)
        if not record:
            continue
        counts["reports_rendered"] += 1
        error = attempt(lambda: as_html(report, record))
        env.clear()
        if error is not None:
            said = "on %s %s: %s" % (model, record.id, last_line(error))
            lost = lost_in_error(error)
            columns = ["report_name", "report_file", "model"]
            fault("report", "ir_act_report_xml", report.id, report.name, lost, columns, said, of=model, grave=grave)
        elif grave and printer and len(printed) < PRINTED and model not in printed:
            printed.append(model)
            pdf = []
            error = attempt(lambda: as_pdf(report, record), pdf)
            env.clear()
            if error is None and pdf and pdf[0][:4] == b"%PDF":
                counts["reports_printed"] += 1
            elif error is not None or pdf:
                unprinted.append((report, "on %s %s: %s" % (model, record.id, last_line(error) if error else "no PDF came")))
    # Where nothing can be printed the image is to blame, and no report.
    for report, said in unprinted if counts["reports_printed"] else []:
        fault("report", "ir_act_report_xml", report.id, report.name, [], ["report_name"], said, of=report.model, grave=True)
    if unprinted and not counts["reports_printed"]:
        counts["not_printed"] = unprinted[0][1]


def as_html(report, record):
    sent = {"report_type": "pdf"} if SERIES >= 16 else None
    if SERIES >= 16:
        if report.report_type == "qweb-text":
            return report._render_qweb_text(report, record.ids)
        return report._render_qweb_html(report, record.ids, data=sent)
    if report.report_type == "qweb-text":
        return report._render_qweb_text(record.ids)
    return report._render_qweb_html(record.ids)


def as_pdf(report, record):
    report = report.with_context(force_report_rendering=True)
    if SERIES >= 16:
        return report._render_qweb_pdf(report, record.ids)[0]
    return report._render_qweb_pdf(record.ids)[0]
