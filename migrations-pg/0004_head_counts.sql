CREATE TABLE "head_counts" ("slot" bigint PRIMARY KEY, "people" bigint NOT NULL) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE FUNCTION count_heads () RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	more bigint := 0;
BEGIN
	IF tg_op = 'UPDATE' THEN more := CASE WHEN new.deleted_at IS NULL THEN 1 ELSE -1 END;
	ELSIF tg_op = 'TRUNCATE' THEN DELETE FROM head_counts;
	ELSE SELECT CASE tg_op WHEN 'INSERT' THEN count(*) ELSE -count(*) END INTO more FROM these WHERE deleted_at IS NULL;
	END IF;
	IF more = 0 THEN RETURN NULL; END IF;
	INSERT INTO head_counts AS own VALUES (pg_backend_pid() % 256, more) ON CONFLICT (slot) DO UPDATE SET people = own.people + excluded.people;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER count_made AFTER INSERT ON users REFERENCING NEW TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION count_heads();
--> statement-breakpoint
CREATE TRIGGER count_removed AFTER DELETE ON users REFERENCING OLD TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION count_heads();
--> statement-breakpoint
CREATE TRIGGER count_hidden AFTER UPDATE OF deleted_at ON users FOR EACH ROW WHEN ((old.deleted_at IS NULL) <> (new.deleted_at IS NULL)) EXECUTE FUNCTION count_heads();
--> statement-breakpoint
CREATE TRIGGER count_none AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION count_heads();
--> statement-breakpoint
INSERT INTO head_counts SELECT 0, count(*) FROM users WHERE deleted_at IS NULL;
--> statement-breakpoint
CREATE INDEX users_by_email ON users (lower(email) NULLS FIRST, id);
