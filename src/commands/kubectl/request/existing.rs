//! The objects that a verb changes: named by arguments or by `-f`, and there already.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::request::write::DryRun;
use crate::values::object::Object;
use std::rc::Rc;

/// Where a verb needs at least one object.
pub const NOTHING_GIVEN: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

impl Invocation<'_, '_> {
    /// The objects that arguments or `-f` name, for verbs that need at least one; failures of single objects apart.
    /// # Errors
    /// The builder's.
    pub fn existing(&mut self, words: &[String]) -> Result<(Vec<Rc<Object>>, Vec<Failure>), Failure> {
        let mut found = Vec::new();
        let mut failures = Vec::new();
        if manifests::given(self) {
            if !words.is_empty() {
                return Err(Failure::plain(manifests::FILES_AND_WORDS));
            }
            let local = self.args.on("local");
            if local && self.dry_run()? == DryRun::Server {
                return Err(Failure::plain("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
            }
            let read = manifests::read(self)?;
            failures = read.failures;
            for manifest in read.objects {
                if local {
                    found.push(Rc::new(manifest.object));
                    continue;
                }
                match self.cluster.api.get(&manifest.key()) {
                    Ok(object) => found.push(object.clone()),
                    Err(status) => failures.push(status.into()),
                }
            }
            return Ok((found, failures));
        }
        if words.is_empty() {
            return Err(Failure::plain(NOTHING_GIVEN));
        }
        let selecting = self.args.given("selector") || self.args.given("field-selector") || self.args.on("all");
        if !selecting && resources::parse(words)?.iter().all(|target| target.name.is_none()) {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
        for one in self.chosen(words)? {
            match one {
                Ok(object) => found.push(object),
                Err(status) => failures.push(status.into()),
            }
        }
        Ok((found, failures))
    }
}
