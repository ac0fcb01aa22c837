part("views", look_at_views)
off = switched_off()
part("windows", look_at_windows)
part("code", look_at_code)
part("mails", look_at_mails)
part("reports", look_at_reports)

env.cr.rollback()
result = dict(counts)
result["seconds"] = round(time.monotonic() - STARTED, 1)
result["parts"] = seconds
result["broken"] = [broken[key] for key in sorted(broken)]
result["faults"] = faults
result["off"] = off
os.makedirs(os.path.dirname(RESULT), exist_ok=True)
with open(RESULT + ".new", "w") as file:
    json.dump(result, file)
os.replace(RESULT + ".new", RESULT)
