-- A level of an accrual plan starts at once or later, and 19.0 wants both of its fields to say so. OpenUpgrade leaves every level at
-- once, so that Odoo cannot make the constraint that watches over it. Does nothing where hr_holidays is not installed, nothing
-- to levels that agree, and nothing the second time.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns WHERE table_name = 'hr_leave_accrual_level' AND column_name = 'milestone_date') THEN
        UPDATE hr_leave_accrual_level SET milestone_date = 'after' WHERE start_count > 0 AND milestone_date = 'creation';
        IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'hr_leave_accrual_level_start_count_check')
            AND NOT EXISTS (SELECT FROM hr_leave_accrual_level WHERE start_count IS NULL OR start_count < 0
                OR (start_count = 0) <> (milestone_date = 'creation')) THEN
            ALTER TABLE hr_leave_accrual_level ADD CONSTRAINT hr_leave_accrual_level_start_count_check
                CHECK ((start_count > 0 AND milestone_date = 'after') OR (start_count = 0 AND milestone_date = 'creation'));
            COMMENT ON CONSTRAINT hr_leave_accrual_level_start_count_check ON hr_leave_accrual_level IS
                'CHECK((start_count > 0 AND milestone_date = ''after'') OR (start_count = 0 AND milestone_date = ''creation''))';
        END IF;
    END IF;
END
$$;
