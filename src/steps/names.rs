//! How things of one customer are called on the engine.

use crate::container::{LABEL_CUSTOMER, LABEL_ROLE, LABEL_RUN, LABEL_STATE, Labels};
use crate::ident::{Fingerprint, RunId, Series};
use crate::journal::StateFolder;
use crate::spec::placeholder::{CHECKPOINT, database_name};

/// The PostgreSQL role that owns everything, as in the official Odoo set-up.
pub(crate) const ROLE: &str = "odoo";
/// The PostgreSQL role that may read everything and write nothing.
pub(crate) const READER: &str = "hopp_reader";
/// Where Odoo keeps filestores, in every container of ours.
pub(crate) const DATA_DIR: &str = "/var/lib/odoo";
/// Where PostgreSQL's socket is, in every container of ours.
pub(crate) const SOCKET_DIR: &str = "/var/run/postgresql";

/// Names of containers, volumes and databases of one customer.
///
/// Two plans for one customer in different folders do not share anything, so the folder is part of the names.
#[derive(Clone, Debug)]
pub struct Names {
    customer: String,
    state: String,
    prefix: String,
}

impl Names {
    /// Returns the names for a customer whose state is kept in this folder.
    pub fn new(customer: &str, state: &StateFolder) -> Names {
        let state = state.root().to_string_lossy().into_owned();
        let place = Fingerprint::of(&state);
        Names {
            customer: customer.into(),
            prefix: format!("hopp-{customer}-{}", &place.short()[..6]),
            state,
        }
    }

    /// Returns the name of a container with a role.
    pub fn container(&self, role: &str) -> String {
        format!("{}-{role}", self.prefix)
    }

    /// Returns the volume with PostgreSQL's data: the working database and all checkpoints.
    pub fn postgres_volume(&self) -> String {
        format!("{}-pg", self.prefix)
    }

    /// Returns the volume with the filestores.
    pub fn data_volume(&self) -> String {
        format!("{}-data", self.prefix)
    }

    /// Returns the volume that holds PostgreSQL's socket.
    pub fn socket_volume(&self) -> String {
        format!("{}-socket", self.prefix)
    }

    /// Returns the database that is worked on.
    pub fn database(&self) -> String {
        database_name(&self.customer)
    }

    /// Returns the database and filestore name of a checkpoint.
    pub fn checkpoint(&self, fingerprint: &Fingerprint) -> String {
        format!("{CHECKPOINT}{}", fingerprint.short())
    }

    /// Returns the tag of an image derived for a series.
    pub fn derived_image(series: Series, recipe: &Fingerprint) -> String {
        format!("hopp/odoo:{series}-{}", recipe.short())
    }

    /// Returns the labels of a thing with a role.
    pub fn labels(&self, role: &str, run: Option<&RunId>) -> Labels {
        let mut labels = state_labels(&self.customer, &self.state);
        labels.insert(LABEL_ROLE.into(), role.into());
        if let Some(run) = run {
            labels.insert(LABEL_RUN.into(), run.to_string());
        }
        labels
    }

    /// Returns the labels that all things of this customer carry.
    pub fn own(&self) -> Labels {
        state_labels(&self.customer, &self.state)
    }
}

/// Returns the labels that all things of a state folder carry.
pub fn state_labels(customer: &str, state: &str) -> Labels {
    Labels::from([
        (LABEL_CUSTOMER.to_owned(), customer.to_owned()),
        (LABEL_STATE.to_owned(), state.to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(customer: &str) -> Names {
        Names::new(customer, &StateFolder::beside(Path::new("/plans"), customer))
    }

    #[test]
    fn no_customer_s_database_is_taken_for_one_of_ours() {
        assert_eq!(names("acme-nord").database(), "acme_nord");
        for customer in ["postgres", "template1", "cp-consult", "cp_consult"] {
            let database = names(customer).database();
            assert!(database.starts_with("odoo_"), "{database}");
        }
    }

    #[test]
    fn plans_of_one_customer_in_two_folders_share_no_name() {
        let other = Names::new("acme", &StateFolder::beside(Path::new("/elsewhere"), "acme"));
        assert_ne!(names("acme").postgres_volume(), other.postgres_volume());
        assert_ne!(names("acme").own(), other.own());
    }
}
