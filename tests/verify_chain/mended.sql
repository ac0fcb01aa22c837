-- Lines of payment terms with the columns of 14.0 and of 16.0, and tags of box 48 as 17.0 has them.
CREATE TABLE account_payment_term_line (id serial PRIMARY KEY, option varchar, day_of_the_month int, end_month boolean DEFAULT false,
    months int DEFAULT 0, days int, days_after int DEFAULT 0);
INSERT INTO account_payment_term_line (option, days, day_of_the_month) VALUES ('day_after_invoice_date', 30, 0), ('after_invoice_month', 30, 0),
    ('day_following_month', 10, 0), ('day_following_month', 31, 0), ('day_current_month', 31, 0), ('day_current_month', 15, 0),
    ('day_after_invoice_date', 30, 31);
CREATE TABLE res_country (id int, code varchar);
INSERT INTO res_country VALUES (196, 'SE');
CREATE TABLE account_account_tag (id int, name jsonb, applicability varchar, country_id int);
INSERT INTO account_account_tag VALUES (1, '{"en_US": "-se_48"}', 'taxes', 196), (2, '{"en_US": "+se_48"}', 'taxes', 196),
    (3, '{"en_US": "+se_05"}', 'taxes', 196);
CREATE TABLE account_account_tag_account_move_line_rel (account_move_line_id int, account_account_tag_id int,
    PRIMARY KEY (account_move_line_id, account_account_tag_id));
INSERT INTO account_account_tag_account_move_line_rel VALUES (1, 1), (2, 2), (3, 1), (3, 2), (4, 3);
CREATE TABLE account_tax (id int, type_tax_use varchar);
INSERT INTO account_tax VALUES (1, 'purchase');
CREATE TABLE account_tax_repartition_line (id int, tax_id int, document_type varchar, repartition_type varchar);
INSERT INTO account_tax_repartition_line VALUES (1, 1, 'invoice', 'tax'), (2, 1, 'refund', 'tax');
CREATE TABLE account_account_tag_account_tax_repartition_line_rel (account_tax_repartition_line_id int, account_account_tag_id int,
    PRIMARY KEY (account_tax_repartition_line_id, account_account_tag_id));
INSERT INTO account_account_tag_account_tax_repartition_line_rel VALUES (1, 1), (2, 2);
