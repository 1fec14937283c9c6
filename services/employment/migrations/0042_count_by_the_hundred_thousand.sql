-- The tables E-01 is counted from are read by the hundred thousand rows: what the caller may see is read once a statement.
select kit.protect_for_scans('employment.work_record', 'household_id');
select kit.protect_for_scans('employment.person', 'household_id');
select kit.protect_for_scans('employment.household', 'id');
select kit.protect_for_scans('employment.monitored_case', 'household_id');
