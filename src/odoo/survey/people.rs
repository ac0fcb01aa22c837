//! Companies and users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::odoo::dump::Row;

/// A company of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// ISO code of its country, where it is known.
    pub country: Option<String>,
    /// Its chart of accounts, where the database names it (from 17.0).
    pub chart: Option<String>,
}

/// Users that may log in, and the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Users {
    /// Active, with the rights of employees.
    pub internal: u64,
    /// Active, from outside: portal and public users.
    pub portal: u64,
    /// Archived ones.
    pub inactive: u64,
}

impl Users {
    pub(super) fn add(&mut self, row: &Row<'_>) {
        match (row.is_true(0), row.is_true(1)) {
            (false, _) => self.inactive += 1,
            (true, true) => self.portal += 1,
            (true, false) => self.internal += 1,
        }
    }
}

/// Companies, and the countries they may be in.
#[derive(Debug, Default)]
pub(super) struct Companies {
    /// Each with its partner and its fiscal country.
    found: Vec<(Company, Option<u64>, Option<u64>)>,
    countries: BTreeMap<u64, String>,
    /// The country of each company's partner.
    homes: BTreeMap<u64, u64>,
}

impl Companies {
    pub(super) fn company(&mut self, row: &Row<'_>) {
        let company = Company {
            name: row.owned(0).unwrap_or_default(),
            country: None,
            chart: row.owned(3),
        };
        self.found.push((company, row.number(1), row.number(2)));
    }

    pub(super) fn country(&mut self, row: &Row<'_>) {
        if let (Some(id), Some(code)) = (row.number(0), row.owned(1)) {
            self.countries.insert(id, code);
        }
    }

    /// Takes a partner; of millions only those are kept that are a company. `pg_dump` writes companies first.
    pub(super) fn partner(&mut self, row: &Row<'_>) {
        let Some(id) = row.number(0) else { return };
        if self.found.iter().any(|(_, partner, _)| *partner == Some(id))
            && let Some(country) = row.number(1)
        {
            self.homes.insert(id, country);
        }
    }

    pub(super) fn finish(self) -> Vec<Company> {
        let Companies {
            found,
            countries,
            homes,
        } = self;
        found
            .into_iter()
            .map(|(company, partner, fiscal)| {
                let home = partner.and_then(|partner| homes.get(&partner).copied());
                let country = home.or(fiscal).and_then(|id| countries.get(&id).cloned());
                Company { country, ..company }
            })
            .collect()
    }
}
