//! Plan and facts in, graph out. Pure.

use std::collections::BTreeSet;

use crate::ident::{Hasher, Series, StepId};
use crate::odoo;
use crate::spec::{Engine, HopSteps, Plan, Script, Verb};

use super::fingerprint::Input;
use super::relevant::{code_values, relevant};
use super::{Code, Facts, Graph, Kind, Node, Place, Ported};

/// Compiles a plan into the graph of its steps.
///
/// The plan was checked against the backup before ([`Plan::check_backup`]), so there is a route.
pub fn compile(plan: &Plan, facts: &Facts) -> Graph {
    let mut build = Build {
        plan,
        facts,
        graph: Graph::new(facts.from, plan.target),
        tip: None,
        readers: Vec::new(),
    };
    build.places();
    build.source();
    let mut from = facts.from;
    for to in plan.route(facts.from) {
        build.hop(from, to);
        from = to;
    }
    build.results();
    build.graph
}

struct Build<'a> {
    plan: &'a Plan,
    facts: &'a Facts,
    graph: Graph,
    /// The last step that changes the database, so far.
    tip: Option<StepId>,
    /// Steps that read a checkpoint that the next hop may have to copy.
    readers: Vec<StepId>,
}

/// The step that brings the Odoo image of a series.
fn image(series: Series) -> StepId {
    StepId::new(format!("image/{series}"))
}

fn id(text: &str) -> StepId {
    StepId::new(text)
}

impl Build<'_> {
    /// Adds the steps that bring things into place: preflight, code, images, PostgreSQL.
    fn places(&mut self) {
        self.ready("preflight", "look at engine, disk and secrets", Kind::Preflight, vec![]);
        for code in &self.facts.code {
            let port = code.ported.as_ref().map(|ported| self.port(code, ported));
            self.graph.add(Node {
                id: checkout_id(&code.repository, code.series),
                title: format!("check out {} for {}", code.repository, code.series),
                hop: None,
                kind: Kind::Checkout {
                    repository: code.repository.clone(),
                    series: code.series,
                },
                after: std::iter::once(id("preflight")).chain(port).collect(),
                database: None,
                checkpoint: false,
                inputs: vec![Input::Value("tree", code.tree.clone())],
            });
        }
        self.ready(
            "image/postgres",
            "bring the PostgreSQL image",
            Kind::PostgresImage,
            vec![id("preflight")],
        );
        for series in self.odoo_series() {
            let node = Node {
                id: image(series),
                title: format!("bring the Odoo {series} image"),
                hop: None,
                kind: Kind::OdooImage { series },
                after: std::iter::once(id("preflight")).chain(self.checkouts(series)).collect(),
                database: None,
                checkpoint: false,
                inputs: vec![Input::Identity(image(series))],
            };
            self.graph.add(node);
        }
        self.ready(
            "provision",
            "start PostgreSQL",
            Kind::Provision,
            vec![id("image/postgres")],
        );
        let mut inputs = vec![Input::Value("backup", self.facts.backup.sha256.to_string())];
        inputs.extend(
            self.plan
                .modules
                .iter()
                .map(|(name, rule)| Input::Value("rule", format!("{name} {:?}", rule.fate))),
        );
        let mut after = Vec::new();
        for series in self.plan.route(self.facts.from) {
            inputs.push(Input::Step(image(series)));
            inputs.extend(self.code_inputs(series));
            after.push(image(series));
            after.extend(self.checkouts(series));
        }
        self.graph.add(Node {
            id: id("modules"),
            title: "decide the fate of every module".into(),
            hop: None,
            kind: Kind::Modules,
            after,
            database: None,
            checkpoint: false,
            inputs,
        });
    }

    /// Adds the step that answers for code that hopp ported.
    fn port(&mut self, code: &Code, ported: &Ported) -> StepId {
        let mut repositories = self.plan.repositories.iter();
        let repository = repositories.find(|repository| repository.name == code.repository);
        let how = repository.and_then(|repository| repository.port.as_ref());
        self.graph.add(Node {
            id: port_id(&code.repository, code.series),
            title: format!("port {} from {} to {}", code.repository, ported.from, code.series),
            hop: None,
            kind: Kind::Port {
                repository: code.repository.clone(),
                series: code.series,
            },
            after: vec![id("preflight")],
            database: None,
            checkpoint: false,
            inputs: vec![
                Input::Value("from", ported.commit.clone()),
                Input::Value("commit", code.commit.clone().unwrap_or_default()),
                Input::Value("findings", format!("{:?} {}", ported.findings, ported.by_hand)),
                Input::Value("errors", format!("{:?}", how.map(|how| how.errors))),
            ],
        })
    }

    /// Adds restore, neutralise, measure and the plan's uninstallations.
    fn source(&mut self) {
        let from = self.facts.from;
        let mut inputs = vec![
            Input::Value("backup", self.facts.backup.sha256.to_string()),
            Input::Value("postgres", self.plan.images.postgres_name()),
        ];
        if let Some(filestore) = &self.facts.filestore {
            inputs.push(Input::Value("filestore", filestore.to_string()));
        }
        self.chain(
            "restore",
            format!("restore the {from} backup"),
            None,
            Kind::Restore,
            inputs,
            vec![id("provision")],
            false,
        );
        self.neutralize("neutralize", from, None, true);
        let database = self.tip.clone();
        let measure = self.graph.add(Node {
            id: id("measure"),
            title: "measure what must stay true".into(),
            hop: None,
            kind: Kind::Measure { series: from },
            after: vec![id("provision"), id("neutralize")],
            database,
            checkpoint: false,
            inputs: vec![Input::Value("sql", self.facts.texts.measure.clone())],
        });
        self.readers.push(measure);
        let modules: Vec<String> = self.plan.uninstalled().map(str::to_owned).collect();
        if !modules.is_empty() {
            let inputs = vec![Input::Value("modules", modules.join(" "))];
            let title = format!("mark {} for uninstallation", modules.join(", "));
            self.chain(
                "uninstall",
                title,
                None,
                Kind::Uninstall { modules },
                inputs,
                vec![],
                false,
            );
        }
    }

    fn hop(&mut self, from: Series, to: Series) {
        let steps = self
            .plan
            .hops
            .get(&to)
            .cloned()
            .unwrap_or_else(|| HopSteps::none(self.plan.engine));
        self.scripts(to, from, Place::Before, &steps.before);
        let engine = steps.engine;
        let mut inputs = vec![Input::Step(image(to)), Input::Value("engine", format!("{engine:?}"))];
        inputs.extend(self.code_inputs(to));
        if engine == Engine::Openupgrade {
            // Its scripts leave out what only matters in the last hop.
            inputs.push(Input::Value("target", self.plan.target.to_string()));
        }
        if engine == Engine::Update {
            inputs.extend(self.deployed_inputs(to));
        }
        let mut after = vec![image(to), id("modules")];
        after.extend(self.checkouts(to));
        let title = match engine {
            Engine::Openupgrade => format!("upgrade {from} to {to} with OpenUpgrade"),
            Engine::Update => format!("update the modules of {to} that changed"),
            Engine::OdooService => format!("upgrade {from} to {to} with Odoo's service"),
        };
        self.chain(
            &format!("{to}/upgrade"),
            title,
            Some(to),
            Kind::Upgrade { from, to, engine },
            inputs,
            after,
            true,
        );
        self.scripts(to, to, Place::After, &steps.after);
        self.neutralize(&format!("{to}/neutralize"), to, Some(to), false);
        self.chain(
            &format!("{to}/check"),
            format!("check every module's state in {to}"),
            Some(to),
            Kind::Check { series: to },
            vec![Input::Value("sql", self.facts.texts.check.clone())],
            vec![],
            true,
        );
        self.compare(to);
    }

    /// Adds the look at what a hop left. It is no part of the chain: what it looks at may change without a hop being done
    /// again.
    fn compare(&mut self, to: Series) {
        let mut after = vec![id("provision"), id("measure")];
        after.extend(self.tip.clone());
        after.extend(self.sources_of_renames(to));
        let reader = self.graph.add(Node {
            id: id(&format!("{to}/compare")),
            title: format!("compare what {to} has with the start"),
            hop: Some(to),
            kind: Kind::Compare { series: to },
            after,
            database: self.tip.clone(),
            checkpoint: false,
            inputs: vec![
                Input::Step(id("measure")),
                Input::Value("sql", self.facts.texts.compare.clone()),
            ],
        });
        self.readers.push(reader);
    }

    /// Returns the steps that bring what says which names the hops up to a series change: each image, or OpenUpgrade's
    /// repository, holds its own.
    fn sources_of_renames(&self, last: Series) -> Vec<StepId> {
        let route = self.plan.route(self.facts.from).into_iter();
        let hops = route.take_while(|series| *series <= last);
        hops.flat_map(|series| std::iter::once(image(series)).chain(self.checkouts(series)))
            .collect()
    }

    fn scripts(&mut self, hop: Series, series: Series, place: Place, scripts: &[Script]) {
        for (index, script) in scripts.iter().enumerate() {
            let (word, upgrade) = match place {
                Place::Before => ("before", "before"),
                Place::After => ("after", "after"),
            };
            let mut inputs = vec![
                Input::Value("place", upgrade.into()),
                Input::Value("verb", self.verb_content(&script.verb)),
            ];
            let mut after = Vec::new();
            // Before the upgrade modules are only marked; afterwards Odoo itself uninstalls them.
            let uninstalls = matches!(script.verb, Verb::Uninstall(_)) && place == Place::After;
            if script.verb.needs_odoo() || uninstalls {
                inputs.push(Input::Step(image(series)));
                inputs.extend(self.code_inputs(series));
                after.push(image(series));
                after.extend(self.checkouts(series));
            }
            if matches!(script.verb, Verb::Command(_)) {
                // A program may read whatever the repositories hold.
                let trees = self.facts.code_for(series).map(|code| code.tree.clone());
                inputs.extend(trees.map(|tree| Input::Value("tree", tree)));
            }
            self.chain(
                &format!("{hop}/{word}/{}-{}", index + 1, script.verb.name()),
                script.title.clone(),
                Some(hop),
                Kind::Script {
                    hop,
                    place,
                    series,
                    script: script.clone(),
                },
                inputs,
                after,
                false,
            );
        }
    }

    /// Adds verification and delivery.
    fn results(&mut self) {
        let to = self.plan.target;
        let mut inputs = vec![
            Input::Step(id("modules")),
            Input::Step(image(to)),
            Input::Value("checks", self.facts.texts.verify.clone()),
        ];
        inputs.extend(self.readers.iter().cloned().map(Input::Step));
        inputs.extend(self.code_inputs(to));
        for check in &self.plan.checks {
            inputs.push(Input::Value("check", self.verb_content(&check.verb)));
        }
        for accepted in &self.plan.accept {
            let over = self.facts.today > accepted.until;
            inputs.push(Input::Value("accept", format!("{accepted:?}, over: {over}")));
        }
        let mut after = vec![id("provision"), id("modules")];
        after.extend(self.readers.iter().cloned());
        after.extend(self.sources_of_renames(to));
        after.extend(self.tip.clone());
        self.graph.add(Node {
            id: id("verify"),
            title: "prove that nothing was lost".into(),
            hop: None,
            kind: Kind::Verify { series: to },
            after,
            database: self.tip.clone(),
            checkpoint: false,
            inputs,
        });
        self.graph.add(Node {
            id: id("deliver"),
            title: format!("deliver the {to} backup"),
            hop: None,
            kind: Kind::Deliver { series: to },
            after: vec![id("provision"), id("verify")],
            database: self.tip.clone(),
            checkpoint: false,
            inputs: vec![
                Input::Value(
                    "to",
                    self.plan.deliver_folder(self.facts.from).to_string_lossy().into_owned(),
                ),
                Input::Value("format", "1".into()),
            ],
        });
    }

    fn neutralize(&mut self, step: &str, series: Series, hop: Option<Series>, checkpoint: bool) {
        let script = odoo::neutralize::script(series);
        let inputs = vec![Input::Value("script", script)];
        // After a hop the target's own `neutralize` runs too, which needs its image.
        let after = hop.map(image).into_iter().collect();
        let kind = Kind::Neutralize { series };
        let title = match hop {
            None => "cut the copy's ties to the world".to_owned(),
            Some(_) => "cut the ties that the upgrade made".to_owned(),
        };
        self.chain(step, title, hop, kind, inputs, after, checkpoint);
    }

    fn ready(&mut self, step: &str, title: &str, kind: Kind, after: Vec<StepId>) {
        self.graph.add(Node {
            id: id(step),
            title: title.into(),
            hop: None,
            kind,
            after,
            database: None,
            checkpoint: false,
            inputs: vec![],
        });
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call per kind of step, each argument named by its type"
    )]
    fn chain(
        &mut self,
        step: &str,
        title: String,
        hop: Option<Series>,
        kind: Kind,
        inputs: Vec<Input>,
        mut after: Vec<StepId>,
        checkpoint: bool,
    ) {
        let database = self.tip.clone();
        after.extend(database.clone());
        after.push(id("provision"));
        after.extend(self.readers.iter().cloned());
        after.dedup();
        self.tip = Some(self.graph.add(Node {
            id: id(step),
            title,
            hop,
            kind,
            after,
            database,
            checkpoint,
            inputs,
        }));
    }

    fn checkouts(&self, series: Series) -> Vec<StepId> {
        self.facts
            .code_for(series)
            .map(|code| checkout_id(&code.repository, code.series))
            .collect()
    }

    fn code_inputs(&self, series: Series) -> Vec<Input> {
        let values = code_values(self.plan, self.facts, series).into_iter();
        values.map(|value| Input::Value("code", value)).collect()
    }

    /// Returns what the code that production runs says about a series' modules.
    fn deployed_inputs(&self, series: Series) -> Vec<Input> {
        let relevant = relevant(self.plan, self.facts, series, &BTreeSet::new());
        let mut inputs = Vec::new();
        for code in &self.facts.deployed {
            let contents = code.contents.iter().filter(|(name, _)| relevant.contains(name));
            inputs.extend(
                contents
                    .map(|(name, content)| Input::Value("deployed", format!("{} {name} {content}", code.repository))),
            );
        }
        inputs
    }

    /// Returns what a script does, without where it lies.
    fn verb_content(&self, verb: &Verb) -> String {
        let mut hasher = Hasher::default();
        hasher.field("verb", verb.name());
        match verb {
            Verb::Sql { text, .. } | Verb::Python { text, .. } | Verb::Check { text, .. } => hasher.field("text", text),
            Verb::Ask(ask) => {
                hasher.field("sql", &ask.sql);
                hasher.field("expect", format!("{:?} {:?} {}", ask.expect, ask.severity, ask.title));
            }
            Verb::Uninstall(words) | Verb::Install(words) | Verb::Update(words) => {
                for word in words {
                    hasher.field("word", word);
                }
            }
            Verb::Command(words) => {
                for word in words {
                    hasher.field("word", self.plan.fill(word, self.facts.from));
                }
            }
        }
        hasher.finish().to_string()
    }

    /// Returns every series whose Odoo a step needs: the targets of the hops, and the source where a script asks for it.
    fn odoo_series(&self) -> Vec<Series> {
        odoo_series(self.plan, self.facts.from)
    }
}

/// Returns every series whose Odoo and code a plan needs, oldest first.
pub fn odoo_series(plan: &Plan, from: Series) -> Vec<Series> {
    let mut series = plan.route(from);
    let mut at = from;
    for to in plan.route(from) {
        let needs = plan
            .hops
            .get(&to)
            .is_some_and(|hop| hop.before.iter().any(|script| script.verb.needs_odoo()));
        if needs {
            series.push(at);
        }
        at = to;
    }
    series.sort();
    series.dedup();
    series
}

/// Returns the id of the step that answers for a repository's code that hopp ported to a series.
pub fn port_id(repository: &str, series: Series) -> StepId {
    StepId::new(format!("port/{repository}@{series}"))
}

/// Returns the id of the step that puts a repository's code for a series in place.
pub fn checkout_id(repository: &str, series: Series) -> StepId {
    StepId::new(format!("checkout/{repository}@{series}"))
}
