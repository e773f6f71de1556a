CREATE TABLE `pictures` (
	`name` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`kind` text NOT NULL,
	`source_width` integer NOT NULL,
	`source_height` integer NOT NULL,
	`is_animated` integer DEFAULT false NOT NULL,
	`focus` text,
	`crop` text,
	`blurhash` text NOT NULL,
	`color` text NOT NULL,
	`files` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `pictures_user` ON `pictures` (`user_id`);