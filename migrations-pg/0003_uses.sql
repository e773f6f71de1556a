-- How often something was done of what may be done so often: counted by all processes together, and lost with a crash of the server, as its windows are short.
CREATE UNLOGGED TABLE "uses" (
	"name" text COLLATE "C" PRIMARY KEY,
	"used" integer NOT NULL,
	"ends_at" bigint NOT NULL
) WITH (fillfactor = 70);
--> statement-breakpoint
-- Counts one use of each name, or of none where one is used up: then those are told. In the order of the names, so that nobody waits for each other.
CREATE FUNCTION take_uses (names text[], mosts integer[], lengths bigint[], at bigint) RETURNS TABLE (name text, ends_at bigint, is_full boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	counted integer;
	ends bigint[];
BEGIN
	LOOP
		RETURN QUERY SELECT u.name, u.ends_at, true FROM uses AS u JOIN unnest(names, mosts) AS given (name, most) ON u.name = given.name WHERE u.ends_at > at AND u.used >= given.most;
		IF FOUND THEN
			RETURN;
		END IF;
		BEGIN
			WITH taken AS (
				INSERT INTO uses AS u (name, used, ends_at) SELECT given.name, 1, at + given.length FROM unnest(names, lengths) AS given (name, length) ORDER BY given.name COLLATE "C"
				ON CONFLICT (name) DO UPDATE SET used = CASE WHEN u.ends_at <= at THEN 1 ELSE u.used + 1 END, ends_at = CASE WHEN u.ends_at <= at THEN excluded.ends_at ELSE u.ends_at END
				WHERE u.ends_at <= at OR u.used < mosts[array_position(names, u.name)]
				RETURNING u.name, u.ends_at
			) SELECT count(*), array_agg(taken.ends_at ORDER BY array_position(names, taken.name)) INTO counted, ends FROM taken;
			IF counted < cardinality(names) THEN
				RAISE EXCEPTION 'used up meanwhile';
			END IF;
			RETURN QUERY SELECT given.name, given.ends_at, false FROM unnest(names, ends) AS given (name, ends_at);
			RETURN;
		EXCEPTION WHEN raise_exception THEN
			-- What was counted is not, and who was quicker is seen by the next look.
			NULL;
		END;
	END LOOP;
END
$$;
