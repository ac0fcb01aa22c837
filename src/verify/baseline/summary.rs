//! A database in a dozen figures, for people.

use indexmap::IndexMap;

use super::{Amount, Baseline};

/// Key figures, in the order in which a person asks for them.
pub type Summary = IndexMap<String, String>;

/// Tables whose rows a person asks for first, and what they are called.
const TABLES: [(&str, &str); 9] = [
    ("res_partner", "partners"),
    ("product_template", "products"),
    ("sale_order", "sales orders"),
    ("purchase_order", "purchase orders"),
    ("account_move", "journal entries"),
    ("account_move_line", "journal items"),
    ("stock_move", "stock moves"),
    ("mail_message", "messages"),
    ("project_task", "tasks"),
];

impl Baseline {
    /// Returns the database in a dozen figures; what it does not have is left out.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::new();
        let mut add = |name: &str, value: String| {
            summary.insert(name.to_owned(), value);
        };
        add("version of base", self.version.clone());
        let installed = self.modules.iter().filter(|module| module.state == "installed");
        add("installed modules", installed.count().to_string());
        add(
            "active users",
            self.users.iter().filter(|user| user.active).count().to_string(),
        );
        for (table, name) in TABLES {
            if let Some(count) = self.tables.iter().find(|count| count.table == table) {
                add(name, count.rows.to_string());
            }
        }
        if !self.trial_balance.is_empty() {
            let debit: Amount = self.trial_balance.iter().map(|line| line.debit).sum();
            let credit: Amount = self.trial_balance.iter().map(|line| line.credit).sum();
            add("accounts with posted items", self.trial_balance.len().to_string());
            add("sum of debit", debit.to_string());
            add("sum of credit", credit.to_string());
            for (kind, name) in [("receivable", "open receivables"), ("payable", "open payables")] {
                let open = self.open_items.iter().filter(|item| item.kind == kind);
                add(name, open.map(|item| item.residual).sum::<Amount>().to_string());
            }
        }
        if !self.vat.is_empty() {
            add("VAT grids by month", self.vat.len().to_string());
            let total: Amount = self.vat.iter().map(|grid| grid.amount).sum();
            add("sum of all VAT grids", total.to_string());
        }
        if !self.stock.is_empty() {
            let total: Amount = self.stock.iter().map(|line| line.quantity).sum();
            add("quantity in stock", total.to_string());
        }
        add("attachments", self.attachments.rows.to_string());
        add(
            "attachments in the filestore",
            self.attachments.in_filestore.to_string(),
        );
        add(
            "active scheduled actions",
            self.crons.iter().filter(|cron| cron.active).count().to_string(),
        );
        summary
    }
}
