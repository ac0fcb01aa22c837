//! Images, what is added to them, and OpenUpgrade.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::ident::Series;

use super::Review;
use crate::spec::document::Place;
use crate::spec::plan_file::{self, OpenUpgrade, Registry};
use crate::spec::resolved::{Image, Images, Repository};
use crate::spec::suggest::remedy;

/// The PostgreSQL image of plans that name none.
const POSTGRES: &str = "postgres:15";

impl Review<'_> {
    pub(super) fn images(&mut self, written: &plan_file::Images) -> Images {
        let place = self.root().key("images");
        let postgres = written
            .postgres
            .as_ref()
            .map(|image| self.image(&place.key("postgres"), image));
        let mut odoo = BTreeMap::new();
        let table = place.key("odoo");
        for (series, image) in self.by_series(&table, &written.odoo) {
            odoo.insert(series, self.image(&table.key(&series.to_string()), image));
        }
        Images {
            postgres: postgres.unwrap_or_else(|| Image::Named(POSTGRES.to_owned())),
            odoo,
            apt: self.packages(&place.key("apt"), &written.apt),
            pip: self.packages(&place.key("pip"), &written.pip),
            registries: self.registries(&place.key("registries"), &written.registries),
        }
    }

    fn image(&mut self, place: &Place<'_>, written: &plan_file::Image) -> Image {
        let help =
            "`name` finds or pulls an image, `build` makes one from a folder with a `Dockerfile`; write one of them";
        match (&written.name, &written.build) {
            (Some(name), None) => {
                if name.trim().is_empty() {
                    self.report(
                        place
                            .key("name")
                            .error("image-name", "the image has no name", "empty")
                            .help(help),
                    );
                }
                Image::Named(name.clone())
            }
            (None, Some(folder)) => {
                let path = self.absolute(folder);
                if !path.join("Dockerfile").is_file() {
                    let message = format!("there is no `Dockerfile` in `{}`", folder.display());
                    let problem = place.key("build").error("image-build", message, "nothing to build");
                    self.report(problem.help("relative paths start at the plan's folder"));
                }
                Image::Built(path)
            }
            (Some(name), Some(_)) => {
                let problem = place
                    .key("build")
                    .error(
                        "image-two-ways",
                        "the image has both a name and a folder to build",
                        "which of the two?",
                    )
                    .related(place.key("name").range(), "the other one");
                self.report(problem.help(help));
                Image::Named(name.clone())
            }
            (None, None) => {
                self.report(
                    place
                        .error(
                            "image-no-way",
                            "the image has neither a name nor a folder to build",
                            "says nothing",
                        )
                        .help(help),
                );
                Image::Named(String::new())
            }
        }
    }

    fn packages(
        &mut self,
        place: &Place<'_>,
        written: &IndexMap<String, Vec<String>>,
    ) -> BTreeMap<Series, Vec<String>> {
        let mut packages = BTreeMap::new();
        for (series, names) in self.by_series(place, written) {
            let list = place.key(&series.to_string());
            for (index, name) in names.iter().enumerate() {
                // An option in the place of a package would change what is done with all others.
                if name.trim().is_empty() || name.starts_with('-') || name.contains(char::is_whitespace) {
                    let problem = list.item(index).error(
                        "package-name",
                        format!("`{name}` is not the name of a package"),
                        "not a package",
                    );
                    self.report(problem.help("write one package an item, such as `phonenumbers==8.13`"));
                }
            }
            packages.insert(series, names.clone());
        }
        packages
    }

    fn registries(&mut self, place: &Place<'_>, written: &IndexMap<String, Registry>) -> IndexMap<String, Registry> {
        let resolve = |(host, registry): (&String, &Registry)| {
            let login = Registry {
                username: registry.username.clone(),
                password: self.secret(&place.key(host).key("password"), &registry.password),
            };
            (host.clone(), login)
        };
        written.iter().map(resolve).collect()
    }

    pub(super) fn openupgrade(
        &mut self,
        written: &IndexMap<String, OpenUpgrade>,
        repositories: &[Repository],
    ) -> BTreeMap<Series, OpenUpgrade> {
        let table = self.root().key("openupgrade");
        let mut by_series = BTreeMap::new();
        for (series, choice) in self.by_series(&table, written) {
            let place = table.key(&series.to_string());
            for (key, version) in [("scripts", &choice.scripts), ("framework", &choice.framework)] {
                if let Some(version) = version
                    && Series::of_version(version) != Some(series)
                {
                    let message = format!("version `{version}` of `{key}` is not for the hop to {series}");
                    let problem = place
                        .key(key)
                        .error("openupgrade-version", message, "of another series");
                    self.report(problem.help(format!("such versions begin with `{series}.`")));
                }
            }
            if let Some(name) = &choice.repository {
                self.known_repository(&place.key("repository"), name, repositories);
            }
            by_series.insert(series, choice.clone());
        }
        by_series
    }

    fn known_repository(&mut self, place: &Place<'_>, name: &str, repositories: &[Repository]) {
        // In a file with holes the repository may be there and only not readable yet.
        if !self.document.is_whole() || repositories.iter().any(|repository| repository.name == name) {
            return;
        }
        let problem = place.error(
            "unknown-repository",
            format!("the plan has no repository `{name}`"),
            "not a repository's name",
        );
        let names = repositories.iter().map(|repository| repository.name.as_str());
        let help = if repositories.is_empty() {
            "add it to `repositories`".to_owned()
        } else {
            remedy(name, "repositories", names)
        };
        self.report(problem.help(help));
    }
}
