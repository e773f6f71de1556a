INSERT INTO "profile_fields" ("key", "label", "type", "created_at", "updated_at") SELECT given.key, given.label, 'string', now.at, now.at
FROM (VALUES ('company_name', 'Company name'), ('company_role', 'Role in the company')) AS given (key, label), (SELECT cast(extract(epoch FROM now()) * 1000 AS bigint) AS at) AS now ORDER BY given.key;
