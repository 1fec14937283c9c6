-- A key rotation seals a file's bytes again under the new key; nothing else of a stored file ever changes.
grant update (content) on kit.file to {{app}};
