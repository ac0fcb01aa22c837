//! The plan as a whole: its parts, its playbooks, and how they come together.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::agreement::Terms;
use crate::ident::{Fingerprint, Series};
use crate::spec::document::Document;
use crate::spec::placeholder::Values;
use crate::spec::plan_file::{Engine, Hop, PlanFile, Step};
use crate::spec::problem::Problems;
use crate::spec::resolved::{Accepted, HopSteps, Images, Plan, Script};

use super::Review;
use super::playbooks::Book;
use super::source::Ends;
use super::steps::Moment;

/// Who a step of the plan itself comes from.
const ORIGIN: &str = "plan";

/// What the hops of a plan have in common.
struct Context<'a> {
    ends: &'a Ends,
    file: &'a PlanFile,
    images: &'a Images,
    values: Values<'a>,
}

impl Context<'_> {
    fn engine(&self, hop: Series) -> Engine {
        let own = self.file.hops.get(&hop.to_string()).and_then(|hop| hop.engine);
        own.unwrap_or(self.file.engine)
    }

    /// What steps before a hop can use.
    fn before(&self, hop: Series) -> Moment {
        let previous = Series::from_major(hop.major() - 1);
        let odoo = match self.engine(hop) {
            // A patch: the database is of the hop's own series.
            Engine::Update => hop,
            Engine::Openupgrade | Engine::OdooService => previous.unwrap_or(hop),
        };
        Moment::Before {
            hop,
            odoo,
            has_image: odoo == hop || self.images.odoo.contains_key(&odoo),
        }
    }
}

/// Looks at everything a plan says; problems are added to `problems`. `None` when it names no usable target.
pub(in crate::spec) fn review(
    path: PathBuf,
    folder: PathBuf,
    sha256: Fingerprint,
    document: Document,
    file: PlanFile,
    problems: &mut Problems,
) -> Option<Plan> {
    let document = Arc::new(document);
    let mut review = Review::new(&document, &folder);
    review.customer(&file.customer);
    let ends = review.ends(&file.source, &file.target);
    let repositories = review.repositories(&file.customer, &file.repositories);
    let images = review.images(&file.images);
    let openupgrade = review.openupgrade(&file.openupgrade, &repositories);
    let limits = review.limits(&file.limits);
    let values = Values {
        customer: &file.customer,
        target: ends.target,
        source: ends.source,
    };
    let deliver_to = review.deliver(&file.deliver, &values);
    let language = review.language(&file.report);
    let estimate = review.estimate(&file.estimate);
    let modules = review.root().key("modules");
    for name in file.modules.keys() {
        review.module_name(&modules.key(name).at_key(), name);
    }
    let books = review.playbooks(&file.playbooks, problems);
    let context = Context {
        ends: &ends,
        file: &file,
        images: &images,
        values,
    };
    let mut hops = IndexMap::new();
    let mut checks = Vec::new();
    let mut accept = Vec::new();
    let mut playbooks = Vec::new();
    for book in &books {
        playbooks.push((
            book.name.clone(),
            book_steps(book, &context, &mut hops, (&mut checks, &mut accept), problems),
        ));
    }
    review.hop_entries(&context);
    review.hops(&file.hops, ORIGIN, &context, &mut hops);
    checks.extend(review.checks(&file.checks, ORIGIN, &context));
    accept.extend(review.accepted(&file.accept));
    let steps = hops.values().flat_map(|hop| hop.before.iter().chain(&hop.after));
    let titles: BTreeSet<&str> = steps.chain(&checks).map(|script| script.title.as_str()).collect();
    let terms = file
        .agreement
        .as_ref()
        .map(|written| review.agreement(written, &titles));
    problems.extend(review.found);
    hops.sort_unstable_keys();
    Some(Plan {
        path,
        sha256,
        customer: file.customer.clone(),
        backup: ends.backup,
        filestore: ends.filestore,
        source_series: ends.source,
        target: ends.target?,
        engine: file.engine,
        hops,
        checks,
        accept,
        repositories,
        modules: file.modules.clone(),
        images,
        openupgrade,
        limits,
        durable: file.durable,
        accelerate: file.accelerate,
        deliver_to,
        playbooks,
        estimate: Box::new(estimate),
        terms: terms.unwrap_or_else(Terms::none),
        language,
        file,
        document,
        folder,
    })
}

/// Mixes a playbook's steps in; returns its fingerprint.
fn book_steps(
    book: &Book,
    context: &Context<'_>,
    hops: &mut IndexMap<Series, HopSteps>,
    (checks, accept): (&mut Vec<Script>, &mut Vec<Accepted>),
    problems: &mut Problems,
) -> Fingerprint {
    let mut review = book.review();
    for (key, hop) in &book.file.hops {
        if hop.engine.is_some() {
            let place = review.root().key("hops").key(key).key("engine");
            let problem = place.error(
                "playbook-engine",
                "a playbook cannot choose the engine",
                "the plan's to say",
            );
            review.report(problem.help("remove it here; write `engine` into the plan"));
        }
    }
    review.hops(&book.file.hops, &book.name, context, hops);
    let own = review.checks(&book.file.checks, &book.name, context);
    accept.extend(review.accepted(&book.file.accept));
    problems.extend(review.found);
    checks.extend(own);
    let steps = hops.values().flat_map(|steps| steps.before.iter().chain(&steps.after));
    book.fingerprint(steps.chain(checks.iter()))
}

impl Review<'_> {
    /// Reports entries for hops that the plan cannot have.
    fn hop_entries(&mut self, context: &Context<'_>) {
        let table = self.root().key("hops");
        for key in context.file.hops.keys() {
            let Ok(series) = key.parse::<Series>() else { continue };
            let place = table.key(key).at_key();
            if let Some(target) = context.ends.target.filter(|target| series > *target) {
                let problem = place
                    .error(
                        "hop-beyond-target",
                        format!("the hop to {series} is beyond the target {target}"),
                        "never reached",
                    )
                    .related(self.root().key("target").range(), "the target");
                self.report(problem.help("remove the entry, or raise `target`"));
            }
            // With equal ends the entry of the target itself is the patch.
            let reached =
                |source: &Series| series > *source || context.ends.target == Some(*source) && series == *source;
            if let Some(source) = context.ends.source.filter(|source| !reached(source)) {
                let problem = place
                    .error(
                        "hop-before-source",
                        format!("no hop ends at {series}: the source is {source} already"),
                        "never reached",
                    )
                    .related(self.root().key("source").key("series").range(), "the source");
                self.report(problem.help("entries are named by the series a hop ends at"));
            }
        }
    }

    /// Reads the steps around hops and appends them to what other files want there.
    fn hops(
        &mut self,
        written: &IndexMap<String, Hop>,
        origin: &str,
        context: &Context<'_>,
        hops: &mut IndexMap<Series, HopSteps>,
    ) {
        let table = self.root().key("hops");
        for (series, hop) in self.by_series(&table, written) {
            let place = table.key(&series.to_string());
            let before = self.steps(
                &place.key("before"),
                &hop.before,
                origin,
                context.before(series),
                &context.values,
            );
            let after = self.steps(&place.key("after"), &hop.after, origin, Moment::After, &context.values);
            let beyond = context.ends.target.is_some_and(|target| series > target);
            if beyond {
                continue; // A playbook knows hops that this plan never reaches.
            }
            let steps = hops.entry(series).or_insert_with(|| HopSteps {
                engine: context.engine(series),
                before: Vec::new(),
                after: Vec::new(),
            });
            steps.before.extend(before);
            steps.after.extend(after);
        }
    }

    fn checks(&mut self, written: &[Step], origin: &str, context: &Context<'_>) -> Vec<Script> {
        let list = self.root().key("checks");
        self.steps(&list, written, origin, Moment::Check, &context.values)
    }
}
