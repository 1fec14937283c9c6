-- A version seen is written over again and again: with room left on its page a row moves there, and no index entry has to be made for it.
alter table kit.seen_version set (fillfactor = 50);
