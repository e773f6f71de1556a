CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
CREATE TABLE "search" (
	"user_id" bigint PRIMARY KEY REFERENCES "users"("id") ON DELETE CASCADE,
	"number" text COLLATE "C" NOT NULL,
	"username" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"phone" text COLLATE "C" NOT NULL,
	"real_name" text COLLATE "C" NOT NULL,
	"first_name" text COLLATE "C" NOT NULL,
	"last_name" text COLLATE "C" NOT NULL,
	"location" text COLLATE "C" NOT NULL,
	"description" text COLLATE "C" NOT NULL,
	"attributes" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "search_texts" ON "search" USING gin ("number" gin_trgm_ops, "username" gin_trgm_ops, "email" gin_trgm_ops, "phone" gin_trgm_ops, "real_name" gin_trgm_ops, "first_name" gin_trgm_ops, "last_name" gin_trgm_ops, "location" gin_trgm_ops, "description" gin_trgm_ops, "attributes" gin_trgm_ops);
