-- A hand-over asks for all that runs in one person's name.
create index deadline_assignee on kit.deadline (assignee) where state = 'open' and assignee is not null;
