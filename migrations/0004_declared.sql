CREATE INDEX `users_cover` ON `users` (`cover`);--> statement-breakpoint
ALTER TABLE `users` DROP COLUMN `company_name`;--> statement-breakpoint
ALTER TABLE `users` DROP COLUMN `company_role`;