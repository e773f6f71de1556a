CREATE TABLE `faces` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`sha256` text NOT NULL,
	`md5` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `faces_sha256` ON `faces` (`sha256`);--> statement-breakpoint
CREATE INDEX `faces_md5` ON `faces` (`md5`);--> statement-breakpoint
ALTER TABLE `users` ADD `is_found_by_email` integer DEFAULT false NOT NULL;