CREATE TABLE "doomed" (
	"name" text collate "C" PRIMARY KEY NOT NULL,
	"kind" text collate "C" NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"name" text collate "C" PRIMARY KEY NOT NULL,
	"kind" text collate "C" NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "doomed_at" ON "doomed" USING btree ("at");--> statement-breakpoint
CREATE INDEX "uploads_at" ON "uploads" USING btree ("at");