-- What payments are matched by: the reference (OCR) and the due date of every posted invoice, and the bank accounts
-- (Bankgiro, Plusgiro, IBAN) of every partner.
SELECT 'invoice' AS kind, move.id, move.name,
       concat_ws(' ', to_jsonb(move) ->> 'payment_reference', to_jsonb(move) ->> 'invoice_date_due') AS value
  FROM account_move AS move
 WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund', 'in_invoice', 'in_refund')
UNION ALL
SELECT 'bank account', bank.id, partner.name, bank.acc_number
  FROM res_partner_bank AS bank
  JOIN res_partner AS partner ON partner.id = bank.partner_id
UNION ALL
-- `number` is new in 19.0 and nobody's before.
SELECT 'journal', journal.id, journal.code,
       concat_ws(' ', to_jsonb(journal) ->> 'invoice_reference_model', to_jsonb(journal) ->> 'l10n_se_invoice_ocr_length')
  FROM account_journal AS journal
 WHERE journal.type = 'sale'
 ORDER BY 1, 2;
