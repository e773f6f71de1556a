CREATE TABLE `search_state` (
	`id` integer PRIMARY KEY NOT NULL,
	`indexed_to` integer NOT NULL,
	`open_half` integer DEFAULT 0 NOT NULL,
	`has_leftovers` integer DEFAULT false NOT NULL,
	`passes_left` integer DEFAULT 0 NOT NULL,
	`layout` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `search_state` (`id`, `indexed_to`, `layout`) VALUES (1, -1, 0);