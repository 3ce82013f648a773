//! An answer as it grows, and what explainers look up for it.

use crate::control::cluster::Cluster;
use crate::control::rules::owners::key_of;
use crate::kinds::readers::volumes::claim_names;
use crate::values::object::Object;

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Done,
    /// Under way.
    Now,
    /// Its turn comes later.
    Later,
    /// It cannot go on by itself.
    Wrong,
}

/// One stage on the way to where the object wants to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub mark: Mark,
    pub text: String,
    /// A second line: the reason, or Kubernetes' own message.
    pub note: String,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    pub sentence: String,
    pub stages: Vec<Stage>,
    /// A command that helps.
    pub command: Option<String>,
}

impl Why {
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.sentence = sentence.into();
    }

    /// A command that helps, about an object of a namespace.
    pub fn help(&mut self, object: &Object, command: String) {
        let place = if matches!(object.namespace(), "" | "default") || !command.starts_with("kubectl ") {
            String::new()
        } else {
            format!(" -n {}", object.namespace())
        };
        self.command = Some(command + &place);
    }

    pub fn stage(&mut self, mark: Mark, text: impl Into<String>, note: impl Into<String>) {
        self.stages.push(Stage { mark, text: text.into(), note: note.into() });
    }
}

/// The pods that use a claim.
pub fn users(cluster: &Cluster, claim: &Object) -> Vec<String> {
    let pods = cluster.api.list("Pod", Some(claim.namespace()));
    pods.filter(|pod| claim_names(pod).any(|name| name == claim.name())).map(|pod| pod.name().to_owned()).collect()
}

/// The message of the newest event about an object with one of these reasons.
pub fn told(cluster: &Cluster, object: &Object, reasons: &[&str]) -> Option<String> {
    let about = |event: &&std::rc::Rc<Object>| {
        event.str(&["involvedObject", "name"]) == object.name()
            && event.str(&["involvedObject", "kind"]) == object.kind()
            && reasons.contains(&event.str(&["reason"]))
    };
    let events = cluster.api.list("Event", None).filter(about);
    events.max_by_key(|event| crate::kinds::readers::events::last_seen(event)).map(|event| event.str(&["message"]).to_owned())
}

/// A condition of a status: its `status` and `message`.
pub fn condition<'a>(object: &'a Object, name: &str) -> Option<(&'a str, &'a str)> {
    let found = object.list(&["status", "conditions"]).iter().find(|condition| condition["type"] == name)?;
    Some((found["status"].as_str()?, found["message"].as_str().unwrap_or("")))
}

/// Where an object is `kind name`; the way sentences name it.
pub fn named(object: &Object) -> String {
    key_of(object).map_or_else(String::new, |key| format!("{} {}", key.kind, key.name))
}
