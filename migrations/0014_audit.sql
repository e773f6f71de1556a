ALTER TABLE `changes` ADD `noun` text DEFAULT 'account' NOT NULL;--> statement-breakpoint
ALTER TABLE `changes` ADD `verb` text DEFAULT 'changed' NOT NULL;--> statement-breakpoint
ALTER TABLE `changes` ADD `subject_id` integer;--> statement-breakpoint
ALTER TABLE `changes` ADD `address` text;