//! wait: for a condition, a field, creation or deletion. Models kubectl/pkg/cmd/wait.

use crate::apiserver::key_of;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::Pending;
use crate::commands::cli::pending::Poll;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::failure::over;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::invocation::Ran;
use crate::commands::kubectl::request::existing::NOTHING_GIVEN;
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::resources;
use crate::kinds;
use crate::machine::process::Input;
use crate::values::clock::Duration;
use crate::values::clock::Instant;
use crate::values::jsonpath;
use crate::values::jsonpath::JsonPath;
use crate::values::object::Object;
use crate::values::object::ObjectKey;
use crate::values::object::Value;
use crate::values::object::str_at;
use crate::world::World;

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    Deleted,
    Created,
    Condition { name: String, value: String },
    Field { template: String, value: Option<String> },
}

/// The objects that are left, in order; they are waited for one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    goal: Goal,
    left: Vec<(ObjectKey, String)>,
    deadline: Instant,
    /// `--timeout=0`: one look.
    once: bool,
    failures: Vec<Failure>,
}

const FIELD_FORMAT: &str = "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";

/// Splits at each single `=`; two of them are part of the expression. Models splitJSONPathInput.
fn split_at_equals(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let part = parts.len() - 1;
        match c {
            '=' if chars.next_if_eq(&'=').is_some() => parts[part].push_str("=="),
            '=' => parts.push(String::new()),
            c => parts[part].push(c),
        }
    }
    parts
}

fn goal(text: &str) -> Result<Goal, Failure> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(Goal::Deleted);
    }
    if text.eq_ignore_ascii_case("create") {
        return Ok(Goal::Created);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition { name: name.to_owned(), value: value.to_owned() });
    }
    if let Some(path) = text.strip_prefix("jsonpath=") {
        let parts = split_at_equals(path);
        let [expression, rest @ ..] = parts.as_slice() else { return Err(Failure::plain(FIELD_FORMAT)) };
        if rest.len() > 1 {
            return Err(Failure::plain(FIELD_FORMAT));
        }
        let template = jsonpath::relaxed_expression(expression).map_err(Failure::plain)?;
        let value = rest.first().map(|value| value.trim_matches(['\'', '"']).to_owned());
        if value.as_ref().is_some_and(String::is_empty) {
            return Err(Failure::plain("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3"));
        }
        JsonPath::parse(&template).map_err(Failure::Plain)?;
        return Ok(Goal::Field { template, value });
    }
    Err(Failure::plain(format!("unrecognized condition: {text:?}")))
}

impl Goal {
    fn holds(&self, object: Option<&Object>) -> Result<bool, Failure> {
        match (self, object) {
            (Goal::Deleted, object) => Ok(object.is_none()),
            (_, None) => Ok(false),
            (Goal::Created, Some(_)) => Ok(true),
            (Goal::Condition { name, value }, Some(object)) => Ok(condition_holds(object, name, value)),
            (Goal::Field { template, value }, Some(object)) => field_holds(object, template, value.as_deref()),
        }
    }
}

fn condition_holds(object: &Object, name: &str, value: &str) -> bool {
    object.list(&["status", "conditions"]).iter().any(|condition| {
        let observed = condition.get("observedGeneration").and_then(Value::as_i64).or_else(|| object.int(&["status", "observedGeneration"]));
        str_at(condition, &["type"]).eq_ignore_ascii_case(name)
            && observed.is_none_or(|observed| observed == 0 || observed >= object.generation())
            && str_at(condition, &["status"]).eq_ignore_ascii_case(value)
    })
}

fn field_holds(object: &Object, template: &str, value: Option<&str>) -> Result<bool, Failure> {
    let path = JsonPath::parse(template).map_err(Failure::Plain)?.allow_missing_keys(true);
    let mut lists = path.find(&object.0).map_err(Failure::Plain)?;
    if lists.len() > 1 {
        return Err(Failure::plain("given jsonpath expression matches more than one list"));
    }
    let found = lists.pop().unwrap_or_default();
    let text = match found.as_slice() {
        [] => return Ok(false),
        [Value::Object(_) | Value::Array(_)] if value.is_some() => {
            return Err(Failure::plain("jsonpath leads to a nested object or list and we can only compare primitive types"));
        }
        [Value::String(text)] => text.to_string(),
        [one] => one.to_string(),
        _ => return Err(Failure::plain("given jsonpath expression matches more than one value")),
    };
    Ok(value.is_none_or(|value| value.trim() == text.trim()))
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let goal = goal(invocation.args.text("for"))?;
    let mut failures = Vec::new();
    let mut left = Vec::new();
    if manifests::given(invocation) {
        let read = manifests::read(invocation)?;
        failures.extend(read.failures);
        for manifest in read.objects {
            let uid = invocation.cluster.api.get(&manifest.key()).map(|object| object.uid().to_owned());
            match uid {
                Ok(uid) => left.push((manifest.key(), uid)),
                Err(_) if goal == Goal::Created => left.push((manifest.key(), String::new())),
                Err(_) if goal == Goal::Deleted => {}
                Err(status) => failures.push(status.into()),
            }
        }
    } else {
        by_arguments(invocation, &goal, &mut left, &mut failures)?;
    }
    let timeout = match invocation.args.value("timeout") {
        None => Duration::seconds(30),
        Some(text) if text.starts_with('-') => Duration::seconds(168 * 3600),
        Some(_) => invocation.args.duration("timeout").unwrap_or(Duration::ZERO),
    };
    let wait = Wait { goal, left, deadline: invocation.now() + timeout, once: timeout == Duration::ZERO, failures };
    Ok(Some(Box::new(wait)))
}

fn by_arguments(
    invocation: &mut Invocation<'_, '_>,
    goal: &Goal,
    left: &mut Vec<(ObjectKey, String)>,
    failures: &mut Vec<Failure>,
) -> Result<(), Failure> {
    let words = invocation.words();
    if words.is_empty() {
        return Err(Failure::plain(NOTHING_GIVEN));
    }
    let targets = resources::parse(&words)?;
    let by_name = targets.iter().any(|target| target.name.is_some());
    let selecting = invocation.args.given("selector") || invocation.args.given("field-selector") || invocation.args.on("all");
    if !by_name && !selecting {
        return Err(Failure::plain("resource(s) were provided, but no name was specified"));
    }
    let namespace = invocation.namespace();
    if *goal == Goal::Created && by_name {
        left.extend(targets.iter().filter_map(|target| Some((invocation.key(target.def, &namespace, target.name.as_ref()?), String::new()))));
        return Ok(());
    }
    let chosen = invocation.chosen(&words)?;
    if chosen.is_empty() && *goal != Goal::Deleted {
        return Err(Failure::plain("no matching resources found"));
    }
    for one in chosen {
        match one {
            Ok(object) => left.push((key_of(kinds::def(object.kind()), &object), object.uid().to_owned())),
            Err(_) if *goal == Goal::Deleted => {}
            Err(status) => failures.push(status.into()),
        }
    }
    Ok(())
}

impl Pending for Wait {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        while let Some((key, uid)) = self.left.first() {
            let object = cluster.api.get(key).ok().filter(|object| self.goal != Goal::Deleted || object.uid() == uid);
            match self.goal.holds(object.map(|object| &**object)) {
                Ok(true) => output.line(&format!("{} condition met", kinds::def(key.kind).name_of(&key.name))),
                Ok(false) if self.once => {
                    let text = format!("condition not met for {}/{}", kinds::def(key.kind).plural, key.name);
                    self.failures.push(Failure::plain(text));
                }
                Ok(false) if cluster.now() >= self.deadline && self.goal == Goal::Created => {
                    return over(Err(Failure::plain("timed out waiting for the condition")), output);
                }
                Ok(false) if cluster.now() >= self.deadline => self.failures.push(Failure::timed_out(key)),
                Ok(false) => return Poll::Going,
                Err(failure) => self.failures.push(failure),
            }
            self.left.remove(0);
        }
        over(Failure::all(std::mem::take(&mut self.failures)), output)
    }

    fn wake(&self) -> Option<Instant> {
        Some(self.deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read() {
        assert_eq!(
            goal("jsonpath={.status.phase}=Bound").ok(),
            Some(Goal::Field { template: "{.status.phase}".into(), value: Some("Bound".into()) })
        );
        assert_eq!(goal("condition=Ready").ok(), Some(Goal::Condition { name: "Ready".into(), value: "true".into() }));
        assert!(goal("foo").is_err());
    }
}
