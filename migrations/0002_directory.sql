CREATE TABLE `avatars` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`name` text NOT NULL,
	`uploaded_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `avatars_name` ON `avatars` (`name`);--> statement-breakpoint
CREATE INDEX `avatars_user` ON `avatars` (`user_id`);--> statement-breakpoint
CREATE TABLE `profile_fields` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`label` text DEFAULT '' NOT NULL,
	`type` text NOT NULL,
	`options` text DEFAULT '[]' NOT NULL,
	`is_mandatory` integer DEFAULT false NOT NULL,
	`is_editable` integer DEFAULT true NOT NULL,
	`is_searchable` integer DEFAULT false NOT NULL,
	`read` text DEFAULT 'public' NOT NULL,
	`write` text DEFAULT 'self' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`dropped_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `profile_fields_key` ON `profile_fields` (`key`);--> statement-breakpoint
CREATE TABLE `taggings` (
	`user_id` integer NOT NULL,
	`tag_id` integer NOT NULL,
	PRIMARY KEY(`user_id`, `tag_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `taggings_tag` ON `taggings` (`tag_id`);--> statement-breakpoint
CREATE TABLE `tags` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`type` text DEFAULT 'user' NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`color` text NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`is_visible` integer DEFAULT true NOT NULL,
	`visibility_boost` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tags_name` ON `tags` (`type`,lower("name"));--> statement-breakpoint
ALTER TABLE `users` ADD `attributes` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `visibility` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `settings` text DEFAULT '{}' NOT NULL;