DROP INDEX `codes_purpose`;--> statement-breakpoint
CREATE INDEX `codes_user` ON `codes` (`user_id`);--> statement-breakpoint
CREATE INDEX `codes_email` ON `codes` (lower("email"));--> statement-breakpoint
ALTER TABLE `second_factors` ADD `pending` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `spent` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `email_held_until` integer;--> statement-breakpoint
UPDATE `keys` SET `expires_at` = NULL WHERE `expires_at` > 253402300799999;--> statement-breakpoint
UPDATE `keys` SET `revoked_at` = unixepoch() * 1000 WHERE `revoked_at` IS NULL AND `user_id` IN (SELECT `id` FROM `users` WHERE `is_active` = 0 OR `deleted_at` IS NOT NULL);--> statement-breakpoint
UPDATE `users` SET `revoked_at` = unixepoch() * 1000 WHERE `is_active` = 0;
