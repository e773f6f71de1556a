CREATE TABLE `contacts` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`email` text,
	`phone` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `contacts` SELECT `id`, lower(`email`), CASE WHEN `phone` IS NULL THEN '' END FROM `users` WHERE `email` IS NOT NULL OR `phone` IS NOT NULL;
--> statement-breakpoint
CREATE UNIQUE INDEX `contacts_email` ON `contacts` (`email`);--> statement-breakpoint
CREATE INDEX `contacts_phone` ON `contacts` (`phone`) WHERE "contacts"."phone" <> '';--> statement-breakpoint
CREATE INDEX `contacts_undialled` ON `contacts` (`user_id`) WHERE "contacts"."phone" is null;--> statement-breakpoint
DROP INDEX `codes_email`;--> statement-breakpoint
ALTER TABLE `codes` ADD `address` text DEFAULT '' NOT NULL;--> statement-breakpoint
UPDATE `codes` SET `address` = lower(`email`);--> statement-breakpoint
CREATE INDEX `codes_address` ON `codes` (`address`);--> statement-breakpoint
DROP INDEX `users_phone`;