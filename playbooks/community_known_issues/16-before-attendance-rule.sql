-- 15.0 lets the rule of own attendances count for reading too, 16.0 for nothing else. OpenUpgrade of 15.0 leaves the rule
-- as 14.0 had it, OpenUpgrade of 16.0 takes the rest away: a rule that counts for nothing, which PostgreSQL refuses.
-- Does nothing where hr_attendance is not installed, and nothing the second time.
UPDATE ir_rule SET perm_read = true
  FROM ir_model_data named
 WHERE named.module = 'hr_attendance' AND named.name = 'hr_attendance_rule_attendance_employee'
   AND named.model = 'ir.rule' AND named.res_id = ir_rule.id AND NOT ir_rule.perm_read;
