-- A projection rebuilt in a shadow schema brings what the fold put aside along with it: the shadow's dead letters take the place of the live ones.
grant delete on kit.dead_letter to {{app}};
