//! Resource arguments: `TYPE`, `TYPE NAME…`, `TYPE/NAME …`, `a,b,c`. Models cli-runtime/pkg/resource/builder.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::discovery;
use crate::kinds;
use crate::kinds::KindDef;
use crate::values::object::json;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::selector::{FieldSelector, LabelSelector};
use crate::values::status::Status;
use std::rc::Rc;

/// One thing that the arguments name: a kind, and where given an object of it.
pub struct Target {
    pub def: &'static KindDef,
    pub name: Option<String>,
}

/// The row of a kind that a user names.
/// # Errors
/// `the server doesn't have a resource type "x"`.
pub fn kind(name: &str) -> Result<&'static KindDef, Failure> {
    kinds::by_resource(name).ok_or_else(|| match discovery::unsimulated(name) {
        Some(resource) => Failure::Raw(format!("not simulated here: {resource}")),
        None => Failure::plain(format!("the server doesn't have a resource type {name:?}")),
    })
}

/// The kinds of `a,b,all`.
fn kinds_of(list: &str) -> Result<Vec<&'static KindDef>, Failure> {
    let mut found: Vec<&'static KindDef> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for name in list.split(',') {
        if names.contains(&name) {
            continue;
        }
        names.push(name);
        let category: Vec<&'static str> = CATEGORY_ORDER.iter().filter(|_| name == "all").copied().collect();
        if category.is_empty() {
            found.push(kind(name)?);
        }
        for kind in category {
            found.extend(kinds::by_kind(kind));
        }
    }
    Ok(found)
}

/// The order in which discovery lists the kinds of the category `all`.
const CATEGORY_ORDER: [&str; 8] = ["Pod", "Service", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job"];

const MIXED: &str = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/// What the positional arguments name; empty where there are none.
/// # Errors
/// The builder's.
pub fn parse(words: &[String]) -> Result<Vec<Target>, Failure> {
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let slashed = words.iter().filter(|word| word.contains('/')).count();
    if slashed == 0 {
        let kinds = kinds_of(first)?;
        let names: Vec<&String> = words[1..].iter().collect();
        let mut targets = Vec::new();
        for def in kinds {
            if names.is_empty() {
                targets.push(Target { def, name: None });
            }
            targets.extend(names.iter().map(|name| Target { def, name: Some((*name).clone()) }));
        }
        return Ok(targets);
    }
    if slashed != words.len() {
        return Err(Failure::plain(MIXED));
    }
    let mut targets = Vec::new();
    for word in words {
        let (types, name) = word.split_once('/').unwrap_or((word, ""));
        if name.contains('/') {
            return Err(Failure::plain("arguments in resource/name form may not have more than one slash".to_owned()));
        }
        if types.is_empty() || name.is_empty() {
            return Err(Failure::plain(format!("arguments in resource/name form must have a single resource and name: {word}")));
        }
        for def in kinds_of(types)? {
            targets.push(Target { def, name: Some(name.to_owned()) });
        }
    }
    Ok(targets)
}

/// An object that a command is to work on, or why there is none.
pub type FoundObject = Result<Rc<Object>, Status>;

impl Invocation<'_, '_> {
    pub fn key(&self, def: &'static KindDef, namespace: &str, name: &str) -> ObjectKey {
        ObjectKey::new(def.kind, if def.namespaced { namespace } else { "" }, name)
    }

    /// The objects that the arguments and the flags `-l`, `--field-selector`, `--all`, `-A` choose. Each named one is looked up.
    /// # Errors
    /// The builder's; none of the objects themselves.
    pub fn chosen(&self, words: &[String]) -> Result<Vec<FoundObject>, Failure> {
        let targets = parse(words)?;
        let everywhere = self.args.on("all-namespaces");
        let selecting = self.args.given("selector") || self.args.given("field-selector");
        if targets.iter().any(|target| target.name.is_some()) {
            if selecting {
                return Err(Failure::plain("name cannot be provided when a selector is specified"));
            }
            if everywhere {
                return Err(Failure::plain("a resource cannot be retrieved by name across all namespaces"));
            }
        }
        let namespace = self.namespace();
        let mut found = Vec::new();
        for target in targets {
            match &target.name {
                Some(name) => found.push(self.cluster.api.get(&self.key(target.def, &namespace, name)).cloned()),
                None => found.extend(self.listed(target.def, (!everywhere).then_some(namespace.as_str()))?.into_iter().map(Ok)),
            }
        }
        Ok(found)
    }

    /// The objects of a kind that the selectors let through.
    /// # Errors
    /// An unreadable selector.
    pub fn listed(&self, def: &'static KindDef, namespace: Option<&str>) -> Result<Vec<Rc<Object>>, Failure> {
        let (label_text, field_text) = (self.args.text("selector"), self.args.text("field-selector"));
        let unreadable = |why: String| {
            let version = def.api_version();
            let version = if def.group.is_empty() { format!("/{version}") } else { version };
            Status::bad_request(format!(
                "Unable to find \"{version}, Resource={}\" that match label selector {label_text:?}, field selector {field_text:?}: {why}",
                def.plural
            ))
        };
        let labels = LabelSelector::parse(label_text).map_err(unreadable)?;
        let fields = FieldSelector::parse(field_text).map_err(unreadable)?;
        if let Some(term) = fields.terms.iter().find(|term| !has_field(def, &term.field)) {
            return Err(unreadable(unknown_field(def, &term.field)).into());
        }
        let namespace = if def.namespaced { namespace } else { None };
        Ok(self
            .cluster
            .api
            .list(def.kind, namespace)
            .filter(|object| labels.matches(object.map(&["metadata", "labels"])))
            .filter(|object| fields.matches(|path| field_of(object, path)))
            .cloned()
            .collect())
    }
}

/// The fields by which a kind can be selected, besides name and namespace.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "Event",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    ("Job", &["status.successful"]),
    ("Namespace", &["status.phase"]),
    ("Node", &["spec.unschedulable"]),
    (
        "Pod",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
    ),
    ("Secret", &["type"]),
    ("Service", &["spec.clusterIP", "spec.type"]),
];

fn has_field(def: &KindDef, field: &str) -> bool {
    ["metadata.name", "metadata.namespace"].contains(&field) || FIELDS.iter().any(|(kind, fields)| *kind == def.kind && fields.contains(&field))
}

fn unknown_field(def: &KindDef, field: &str) -> String {
    match (def.group, FIELDS.iter().any(|(kind, _)| *kind == def.kind)) {
        ("", true) => format!("field label not supported: {field}"),
        ("batch", true) => format!("field label {field:?} not supported for {}", def.kind),
        ("apps", true) => format!("field label {field:?} not supported for appsv1.{}", def.kind),
        _ => format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""),
    }
}

/// The text of a field for a field selector.
pub fn field_of(object: &Object, path: &str) -> String {
    // What the server's own structs have where an object has no such field.
    let (path, absent) = match path {
        "status.successful" => ("status.succeeded", "0"),
        "spec.unschedulable" | "spec.hostNetwork" => (path, "false"),
        _ => (path, ""),
    };
    let path: Vec<&str> = path.split('.').collect();
    match object.at(&path) {
        Some(Value::String(text)) => text.to_string(),
        Some(other) => other.to_string(),
        None => absent.to_owned(),
    }
}

/// How kubectl names an object in its answers, such as `statefulset.apps/web`.
pub fn name_of(object: &Object) -> String {
    if object.name().is_empty() {
        let mut named = object.clone();
        named.set(&["metadata", "name"], json!("<unknown>"));
        return name_of(&named);
    }
    match (kinds::by_kind(object.kind()), discovery::known(object.kind())) {
        (Some(def), _) => def.name_of(object.name()),
        (None, Some((_, resource))) => format!("{resource}/{}", object.name()),
        (None, None) => object.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &str) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let got = match parse(&words) {
            Ok(targets) => {
                targets.iter().map(|target| format!("{}/{}", target.def.kind, target.name.as_deref().unwrap_or("*"))).collect::<Vec<_>>().join(" ")
            }
            Err(failure) => failure.text("get"),
        };
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn arguments_name_objects() {
        check("pods,pvc", "Pod/* PersistentVolumeClaim/*");
        check("po a b", "Pod/a Pod/b");
        check("pod/a sts/web", "Pod/a StatefulSet/web");
        check("pw", "error: the server doesn't have a resource type \"pw\"\n");
        check("pod/a b", &format!("error: {MIXED}\n"));
    }
}
