-- Excerpts of a customer of 14.0, as they were.
CREATE TABLE res_country (id int PRIMARY KEY, code varchar);
INSERT INTO res_country VALUES (196, 'SE'), (5, 'AX');
CREATE TABLE res_company (id int PRIMARY KEY, name varchar, partner_id int, account_fiscal_country_id int,
    default_cash_difference_income_account_id int, default_cash_difference_expense_account_id int);
INSERT INTO res_company VALUES (1, 'My Company', 1, NULL, 328, 327);
CREATE TABLE res_partner (id int PRIMARY KEY, name varchar, comment text, country_id int);
INSERT INTO res_partner VALUES (1, 'My Company', NULL, NULL), (12, 'Kund 01', 'Anteckning <1>', 196);

CREATE TABLE account_account_type (id int PRIMARY KEY, type varchar);
INSERT INTO account_account_type VALUES (1, 'receivable'), (2, 'other');
CREATE TABLE account_account (id int PRIMARY KEY, user_type_id int);
INSERT INTO account_account VALUES (1, 1), (2, 2), (327, 2), (328, 2), (77, 2);
CREATE TABLE account_move (id int PRIMARY KEY, name varchar, move_type varchar);
INSERT INTO account_move VALUES (1, 'INV/1', 'out_invoice'), (2, 'BNK/1', 'entry');
CREATE TABLE account_move_line (id int PRIMARY KEY, move_id int, account_id int, tax_line_id int, display_type varchar, quantity numeric);
INSERT INTO account_move_line VALUES (1, 1, 2, NULL, NULL, 3), (2, 1, 2, 1, NULL, 1), (3, 1, 1, NULL, NULL, 1),
    (4, 1, NULL, NULL, 'line_note', 1), (5, 2, 1, NULL, NULL, 1);
CREATE TABLE account_journal (id int PRIMARY KEY, name varchar, company_id int, profit_account_id int, loss_account_id int);
INSERT INTO account_journal VALUES (8, 'Bank', 1, NULL, NULL), (9, 'Kassa', 1, 328, 327);
CREATE TABLE account_tax (id int PRIMARY KEY, name varchar, description varchar);
INSERT INTO account_tax VALUES (1, 'Moms 25%', 'ST25');
CREATE TABLE account_payment_term (id int PRIMARY KEY, name varchar);
INSERT INTO account_payment_term VALUES (4, '30 Days'), (7, 'End of Following Month'), (8, '30% Now, Balance 60 Days'), (9, '30 Days, End of Month');
CREATE TABLE account_payment_term_line (id int PRIMARY KEY, payment_id int, value varchar, value_amount numeric, days int, option varchar, day_of_the_month int);
INSERT INTO account_payment_term_line VALUES
    (4, 4, 'balance', 0, 30, 'day_after_invoice_date', NULL), (7, 7, 'balance', 0, 31, 'day_following_month', NULL),
    (8, 8, 'percent', 30, 0, 'day_after_invoice_date', NULL), (9, 8, 'balance', 0, 60, 'day_after_invoice_date', NULL),
    (10, 9, 'balance', 0, 30, 'day_after_invoice_date', 31);

CREATE TABLE mail_channel (id int PRIMARY KEY, name varchar, channel_type varchar, group_public_id int);
INSERT INTO mail_channel VALUES (1, 'general', 'channel', 1), (3, 'Bo, Anna', 'chat', 1);
CREATE TABLE stock_production_lot (id int PRIMARY KEY, name varchar);
INSERT INTO stock_production_lot VALUES (4, 'M-001');
CREATE TABLE stock_inventory (id int PRIMARY KEY, name varchar);
INSERT INTO stock_inventory VALUES (1, 'Inventering');
CREATE TABLE mail_message (id int PRIMARY KEY, model varchar, res_id int, message_type varchar, body text);
INSERT INTO mail_message VALUES (1, 'mail.channel', 1, 'email', 'Hej'), (2, 'stock.production.lot', 4, 'comment', 'Hej'),
    (3, 'stock.inventory', 1, 'notification', 'Inventory created'), (4, 'resource.calendar', 2, 'notification', 'Made');
CREATE TABLE mail_template (id int PRIMARY KEY, name varchar, subject varchar, body_html text);
INSERT INTO mail_template VALUES (20, 'Egen', 'Hej ${object.name | safe}', E'<p>Hej ${object.name}</p>\n% if object.mobile:\n<p>Mobil</p>\n% endif\n');
CREATE TABLE resource_calendar (id int PRIMARY KEY, name varchar);
INSERT INTO resource_calendar VALUES (1, '40 timmar'), (2, '35 timmar');
CREATE TABLE resource_calendar_attendance (id int PRIMARY KEY, name varchar, calendar_id int REFERENCES resource_calendar (id));
INSERT INTO resource_calendar_attendance VALUES (1, 'Monday', 1), (11, 'Monday', 2);
CREATE TABLE ir_model_data (module varchar, name varchar, model varchar, res_id int);
INSERT INTO ir_model_data VALUES ('resource', 'resource_calendar_std_35h', 'resource.calendar', 2);
