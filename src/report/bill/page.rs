//! A bill as people read it: a title, a few sentences, and sections with tables.

use indexmap::IndexMap;

use super::numbers::{money, number, percent, price};
use super::words::{Words, category, reason, words};
use crate::agreement::{Bill, Counted, Item, ItemKind, Kind};
use crate::amount::Amount;
use crate::spec::Language;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What stands first.
    pub lead: Vec<String>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Its table.
    pub table: Option<Table>,
    /// What stands below the table.
    pub notes: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The heads of its columns.
    pub header: Vec<&'static str>,
    /// Its rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
    /// Columns of numbers.
    pub right: Vec<usize>,
    /// The column that holds the most text.
    pub wide: usize,
}

/// Returns a bill in a language.
pub fn page(bill: &Bill, language: Language) -> Page {
    let teller = Teller {
        bill,
        language,
        words: words(language),
    };
    let sections = [
        Some(teller.to_pay()),
        teller.included(),
        bill.counted.as_ref().map(|counted| teller.lines(counted)),
        Some(teller.upgrade()),
        teller.steps(),
    ];
    Page {
        title: (teller.words.title)(&bill.customer, &bill.month.to_string()),
        lead: teller.lead(),
        sections: sections.into_iter().flatten().collect(),
    }
}

struct Teller<'a> {
    bill: &'a Bill,
    language: Language,
    words: &'static Words,
}

impl Teller<'_> {
    fn lead(&self) -> Vec<String> {
        let (bill, words) = (self.bill, self.words);
        let Some(since) = bill.since.filter(|_| bill.kind != Kind::None) else {
            return vec![words.sentence.no_agreement.to_owned()];
        };
        let mut lead = vec![(words.agreement)((words.kind)(bill.kind), since, bill.end)];
        let bound = bill.bound_until.filter(|until| since <= bill.on && bill.on <= *until);
        lead.extend(bound.map(words.bound));
        lead
    }

    fn to_pay(&self) -> Section {
        let (bill, words, language) = (self.bill, self.words, self.language);
        let label = &words.label;
        let mut rows: Vec<Vec<String>> = bill.items.iter().map(|item| self.item(item)).collect();
        let vat = (words.vat)(&percent(bill.vat_percent, language));
        for (name, sum) in [(label.net, bill.net), (&vat, bill.vat), (label.total, bill.total)] {
            let blank = String::new;
            rows.push(vec![name.to_owned(), blank(), blank(), blank(), money(sum, language)]);
        }
        Section {
            heading: label.to_pay.to_owned(),
            table: Some(Table {
                header: vec![label.what, label.quantity, label.price, label.discount, label.amount],
                rows,
                right: vec![1, 2, 3, 4],
                wide: 0,
            }),
            notes: vec![words.sentence.sums.to_owned()],
        }
    }

    fn item(&self, item: &Item) -> Vec<String> {
        let (words, language) = (self.words, self.language);
        let what = match &item.kind {
            ItemKind::Lines { from, until } => (words.lines_fee)(*from, *until),
            ItemKind::Patches { from, until } => (words.patches_fee)(*from, *until),
            ItemKind::Upgrade { started } => (words.upgrade_fee)(*started),
            ItemKind::Work(work) => {
                let why = reason(&work.verdict, language);
                let category = category(work.category, language);
                format!("{}, {category}: {}. {why}", work.date, work.text.trim_end_matches('.'))
            }
        };
        let quantity = format!("{}\u{a0}{}", number(item.quantity, language), (words.unit)(item.unit));
        let discount = if item.discount_percent.is_zero() {
            String::new()
        } else {
            let share = percent(item.discount_percent, language);
            format!("{share}:\u{a0}{}", money(item.discount, language))
        };
        vec![
            what,
            quantity,
            price(item.price, self.bill.currency, language),
            discount,
            money(item.amount, language),
        ]
    }

    fn included(&self) -> Option<Section> {
        let label = &self.words.label;
        let rows = self.bill.included.iter().map(|work| {
            vec![
                work.date.to_string(),
                category(work.category, self.language).to_owned(),
                work.text.clone(),
                number(work.hours, self.language),
                reason(&work.verdict, self.language),
            ]
        });
        (!self.bill.included.is_empty()).then(|| Section {
            heading: label.included.to_owned(),
            table: Some(Table {
                header: vec![label.date, label.category, label.what, label.hours, label.why],
                rows: rows.collect(),
                right: vec![3],
                wide: 2,
            }),
            notes: Vec::new(),
        })
    }

    fn lines(&self, counted: &Counted) -> Section {
        let (words, language) = (self.words, self.language);
        let label = &words.label;
        let lines = |lines: u64| number(Amount::hundredths(lines.saturating_mul(100)), language);
        let rows = counted.modules.iter().map(|module| {
            let billed = if module.covered { label.yes } else { label.no };
            vec![
                module.module.module.clone(),
                module.module.repository.clone().unwrap_or_default(),
                lines(module.module.lines),
                billed.to_owned(),
            ]
        });
        let mut notes = vec![
            (words.lines_sum)(&lines(counted.lines), &number(counted.hundreds, language)),
            (words.rounding)(counted.rounding).to_owned(),
        ];
        if !counted.rules.is_empty() {
            notes.push((words.rules)(&counted.rules));
        }
        let sources = counted.sources.iter();
        notes.extend(sources.map(|source| format!("{}: {} `{}`", label.code, source.repository, source.commit)));
        let mut excluded: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for exclusion in &counted.excluded {
            excluded.entry(&exclusion.why).or_default().push(&exclusion.what);
        }
        notes.extend(
            excluded
                .iter()
                .map(|(why, files)| (words.excluded)(files[0], files.len(), why)),
        );
        if !counted.errors.is_empty() {
            let errors = counted.errors.iter();
            let errors: Vec<String> = errors
                .map(|error| format!("`{}/{}`: {}", error.module, error.file, error.message))
                .collect();
            notes.push(format!("{} {}", (words.errors)(errors.len()), errors.join("; ")));
        }
        Section {
            heading: label.lines.to_owned(),
            table: Some(Table {
                header: vec![label.module, label.repository, label.lines, label.billed],
                rows: rows.collect(),
                right: vec![2],
                wide: 0,
            }),
            notes,
        }
    }

    fn upgrade(&self) -> Section {
        let verdict = &self.bill.upgrade;
        Section {
            heading: self.words.label.upgrade.to_owned(),
            table: None,
            notes: vec![
                (self.words.verdict)(verdict.included, self.bill.on),
                reason(verdict, self.language),
            ],
        }
    }

    fn steps(&self) -> Option<Section> {
        let label = &self.words.label;
        let row = |step: &crate::agreement::StepWork| {
            let category = category(step.category, self.language);
            vec![step.step.clone(), category.to_owned()]
        };
        (!self.bill.steps.is_empty()).then(|| Section {
            heading: label.steps.to_owned(),
            table: Some(Table {
                header: vec![label.step, label.category],
                rows: self.bill.steps.iter().map(row).collect(),
                right: Vec::new(),
                wide: 0,
            }),
            notes: vec![self.words.sentence.steps.to_owned()],
        })
    }
}
