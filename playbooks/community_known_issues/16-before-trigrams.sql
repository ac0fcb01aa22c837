-- 16.0 searches names with indexes of trigrams, where the database has the extension for them. Odoo makes it in new databases only:
-- one that was made by an older series has none of these indexes after any upgrade, and searches read whole tables.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN OTHERS THEN
    -- Its owner may not, or this PostgreSQL has no such extension: it searches as it did.
    RAISE NOTICE 'no extension pg_trgm: %', SQLERRM;
END
$$;
