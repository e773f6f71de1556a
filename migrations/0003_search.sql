INSERT INTO `profile_fields` (`key`, `label`, `type`, `created_at`, `updated_at`) VALUES ('company_name', 'Company name', 'string', unixepoch() * 1000, unixepoch() * 1000), ('company_role', 'Role in the company', 'string', unixepoch() * 1000, unixepoch() * 1000);
--> statement-breakpoint
UPDATE `users` SET `attributes` = json_patch(
	iif(`company_name` = '', '{}', json_object('company_name', `company_name`)),
	iif(`company_role` = '', '{}', json_object('company_role', `company_role`))
) WHERE `company_name` <> '' OR `company_role` <> '';
--> statement-breakpoint
INSERT INTO `avatars` (`user_id`, `name`, `uploaded_at`) SELECT `id`, `avatar`, `updated_at` FROM `users` WHERE `avatar` IS NOT NULL;
--> statement-breakpoint
CREATE VIRTUAL TABLE `search` USING fts5(`number`, `username`, `email`, `phone`, `real_name`, `first_name`, `last_name`, `location`, `description`, `attributes`, tokenize = 'trigram case_sensitive 1');
--> statement-breakpoint
INSERT INTO `search`(`search`, `rank`) VALUES ('secure-delete', 1);
