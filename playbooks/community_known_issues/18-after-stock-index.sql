-- OpenUpgrade of 18.0 calls where a stock move goes `location_final_id` and makes `location_dest_id` anew. The old index follows the
-- renamed column and keeps its name, so Odoo makes no other one: looking for moves to a place reads all of them.
-- Does nothing where stock is not installed, and nothing the second time.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_indexes WHERE tablename = 'stock_move' AND indexname = 'stock_move__location_dest_id_index'
                  AND indexdef LIKE '%(location_final_id)') THEN
        DROP INDEX stock_move__location_dest_id_index;
        CREATE INDEX stock_move__location_dest_id_index ON stock_move (location_dest_id);
        RAISE NOTICE 'index of the places that stock moves go to made again';
    END IF;
    IF EXISTS (SELECT FROM pg_indexes WHERE tablename = 'stock_move' AND indexname = 'stock_move_product_location_index'
                  AND indexdef LIKE '%location_final_id%') THEN
        DROP INDEX stock_move_product_location_index;
        CREATE INDEX stock_move_product_location_index
            ON stock_move (product_id, location_id, location_dest_id, company_id, state);
    END IF;
END
$$;
