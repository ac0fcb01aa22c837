-- The same customer at 19.0, as OpenUpgrade and the playbooks left it.
CREATE TABLE res_country (id int PRIMARY KEY, code varchar);
INSERT INTO res_country VALUES (196, 'SE'), (5, 'AX');
CREATE TABLE res_company (id int PRIMARY KEY, name varchar, partner_id int, account_fiscal_country_id int, chart_template varchar,
    default_cash_difference_income_account_id int, default_cash_difference_expense_account_id int);
INSERT INTO res_company VALUES (1, 'My Company', 1, 196, 'se', 328, 327);
CREATE TABLE res_partner (id int PRIMARY KEY, name varchar, comment text, country_id int);
INSERT INTO res_partner VALUES (1, 'My Company', NULL, 196), (12, 'Kund 01', '<p>Anteckning &lt;1&gt;</p>', 196);

CREATE TABLE account_account (id int PRIMARY KEY, account_type varchar);
INSERT INTO account_account VALUES (1, 'asset_receivable'), (2, 'income'), (327, 'expense'), (328, 'income'), (77, 'income');
CREATE TABLE account_move (id int PRIMARY KEY, name varchar, move_type varchar);
INSERT INTO account_move VALUES (1, 'INV/1', 'out_invoice'), (2, 'BNK/1', 'entry');
CREATE TABLE account_move_line (id int PRIMARY KEY, move_id int, account_id int, tax_line_id int, display_type varchar, quantity numeric);
INSERT INTO account_move_line VALUES (1, 1, 2, NULL, 'product', 3), (2, 1, 2, 1, 'tax', 0), (3, 1, 1, NULL, 'payment_term', 0),
    (4, 1, NULL, NULL, 'line_note', 1), (5, 2, 1, NULL, 'product', 1);
CREATE TABLE account_journal (id int PRIMARY KEY, name jsonb, company_id int, profit_account_id int, loss_account_id int);
INSERT INTO account_journal VALUES (8, '{"en_US": "Bank"}', 1, 328, 327), (9, '{"en_US": "Kassa"}', 1, 328, 327);
CREATE TABLE account_tax (id int PRIMARY KEY, name jsonb, description jsonb, invoice_label jsonb);
INSERT INTO account_tax VALUES (1, '{"en_US": "Moms 25%"}', NULL, '{"en_US": "ST25"}');
CREATE TABLE account_payment_term (id int PRIMARY KEY, name jsonb);
INSERT INTO account_payment_term VALUES (4, '{"en_US": "30 Days"}'), (7, '{"en_US": "End of Following Month"}'),
    (8, '{"en_US": "30% Now, Balance 60 Days"}'), (9, '{"en_US": "30 Days, End of Month"}');
CREATE TABLE account_payment_term_line (id int PRIMARY KEY, payment_id int, value varchar, value_amount numeric, nb_days int, delay_type varchar, days_next_month varchar);
INSERT INTO account_payment_term_line VALUES
    (4, 4, 'percent', 100, 30, 'days_after', '10'), (7, 7, 'percent', 100, 0, 'days_after_end_of_next_month', '10'),
    (8, 8, 'percent', 30, 0, 'days_after', '10'), (9, 8, 'percent', 70, 60, 'days_after', '10'),
    (10, 9, 'percent', 100, 30, 'days_end_of_month_on_the', '0');

CREATE TABLE discuss_channel (id int PRIMARY KEY, name varchar, channel_type varchar, group_public_id int);
INSERT INTO discuss_channel VALUES (1, 'general', 'channel', 1), (3, 'Bo, Anna', 'chat', NULL);
CREATE TABLE stock_lot (id int PRIMARY KEY, name varchar);
INSERT INTO stock_lot VALUES (4, 'M-001');
CREATE TABLE mail_message (id int PRIMARY KEY, model varchar, res_id int, message_type varchar, body text);
INSERT INTO mail_message VALUES (1, 'discuss.channel', 1, 'email', 'Hej'), (2, 'stock.lot', 4, 'comment', 'Hej');
CREATE TABLE mail_template (id int PRIMARY KEY, name jsonb, subject jsonb, body_html jsonb);
INSERT INTO mail_template VALUES (20, '{"en_US": "Egen"}', '{"en_US": "Hej {{object.name}}"}', jsonb_build_object('en_US',
    '<html><body><p>Hej <t t-out="object.name"/></p><t t-if="object.mobile"><p>Mobil</p></t></body></html>'));
CREATE TABLE resource_calendar (id int PRIMARY KEY, name varchar);
INSERT INTO resource_calendar VALUES (1, '40 timmar');
CREATE TABLE resource_calendar_attendance (id int PRIMARY KEY, name varchar, calendar_id int REFERENCES resource_calendar (id));
INSERT INTO resource_calendar_attendance VALUES (1, 'Monday', 1);
CREATE TABLE ir_model_data (module varchar, name varchar, model varchar, res_id int);
