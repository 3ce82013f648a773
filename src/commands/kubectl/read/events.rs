//! events: what happened, oldest first. Models kubectl/pkg/cmd/events.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::print::{self, Format};
use crate::commands::kubectl::request::resources;
use crate::kinds;
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, json};
use crate::values::order::Order;
use std::rc::Rc;

/// `12s`, or `5s (x3 over 35s)`: when an event was seen.
pub(super) fn interval(event: &Object, now: Instant) -> String {
    let since = |path: &[&str]| Instant::parse(event.str(path)).map_or("<unknown>".to_owned(), |then| (now - then).human());
    let first = if event.str(&["firstTimestamp"]).is_empty() { since(&["eventTime"]) } else { since(&["firstTimestamp"]) };
    if let Some(count) = event.int(&["series", "count"]) {
        return format!("{} (x{count} over {first})", since(&["series", "lastObservedTime"]));
    }
    match event.int(&["count"]) {
        Some(count) if count > 1 => format!("{} (x{count} over {first})", since(&["lastTimestamp"])),
        _ => first,
    }
}

fn last_time(event: &Object) -> Instant {
    let times = [event.str(&["series", "lastObservedTime"]), event.str(&["lastTimestamp"]), event.str(&["eventTime"])];
    times.into_iter().find_map(Instant::parse).unwrap_or_default()
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let everywhere = invocation.args.on("all-namespaces");
    let namespace = invocation.namespace();
    let wanted: Vec<String> = invocation.args.values("types").to_vec();
    for kind in &wanted {
        if !["normal", "warning"].contains(&kind.to_ascii_lowercase().as_str()) {
            return Err(Failure::plain("valid --types are Normal or Warning"));
        }
    }
    let about = match invocation.args.text("for") {
        "" => None,
        text => {
            let (kind, name) = text.split_once('/').ok_or_else(|| Failure::plain("--for must be in resource/name form"))?;
            Some((resources::kind(kind)?.kind, name.to_owned()))
        }
    };
    let now = invocation.now();
    let listed = invocation.cluster.api.list("Event", (!everywhere).then_some(namespace.as_str()));
    let mut events: Vec<Rc<Object>> = listed
        .filter(|event| wanted.is_empty() || wanted.iter().any(|kind| kind.eq_ignore_ascii_case(event.str(&["type"]))))
        .filter(|event| {
            let of = |field| event.str(&["involvedObject", field]);
            about.as_ref().is_none_or(|(kind, name)| of("kind") == *kind && of("name") == name)
        })
        .cloned()
        .collect();
    events.order_by_key(|event| last_time(event));
    let format = print::format(invocation, print::OBJECTS)?;
    if !matches!(format, Format::Table { .. }) {
        let items: Vec<&Value> = events.iter().map(|event| &event.0).collect();
        let list = json!({"apiVersion": "v1", "items": items, "kind": "EventList", "metadata": {}});
        // The events of upstream's list have no kind of their own, so no name is printed.
        let text = if format == Format::Name { String::new() } else { print::tree(&format, &list)? };
        invocation.output.out(&text);
        return Ok(None);
    }
    if events.is_empty() {
        let place = if everywhere { String::new() } else { format!(" in {namespace} namespace") };
        invocation.output.warn(&format!("No events found{place}."));
        return Ok(None);
    }
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let text = |path: &[&str]| event.str(path).to_owned();
            let object = format!("{}/{}", text(&["involvedObject", "kind"]), text(&["involvedObject", "name"]));
            let mut row = vec![interval(event, now), text(&["type"]), text(&["reason"]), object, text(&["message"]).trim().to_owned()];
            if everywhere {
                row.insert(0, event.namespace().to_owned());
            }
            row
        })
        .collect();
    let mut header: Vec<String> = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"].map(str::to_owned).to_vec();
    if everywhere {
        header.insert(0, "NAMESPACE".to_owned());
    }
    invocation.output.out(&print::table((!invocation.args.on("no-headers")).then_some(&header[..]), &rows));
    Ok(None)
}

/// A kind that the server knows and nothing here acts on: plural, short names, group and version, namespaced, kind.
type Row = (&'static str, &'static str, &'static str, bool, &'static str);

/// The kinds of a v1.34 server that `kinds::ALL` does not have.
const OTHERS: &[Row] = &[
    ("bindings", "", "v1", true, "Binding"),
    ("componentstatuses", "cs", "v1", false, "ComponentStatus"),
    ("limitranges", "limits", "v1", true, "LimitRange"),
    ("podtemplates", "", "v1", true, "PodTemplate"),
    ("replicationcontrollers", "rc", "v1", true, "ReplicationController"),
    ("resourcequotas", "quota", "v1", true, "ResourceQuota"),
    ("mutatingwebhookconfigurations", "", "admissionregistration.k8s.io/v1", false, "MutatingWebhookConfiguration"),
    ("validatingadmissionpolicies", "", "admissionregistration.k8s.io/v1", false, "ValidatingAdmissionPolicy"),
    ("validatingadmissionpolicybindings", "", "admissionregistration.k8s.io/v1", false, "ValidatingAdmissionPolicyBinding"),
    ("validatingwebhookconfigurations", "", "admissionregistration.k8s.io/v1", false, "ValidatingWebhookConfiguration"),
    ("customresourcedefinitions", "crd,crds", "apiextensions.k8s.io/v1", false, "CustomResourceDefinition"),
    ("apiservices", "", "apiregistration.k8s.io/v1", false, "APIService"),
    ("selfsubjectreviews", "", "authentication.k8s.io/v1", false, "SelfSubjectReview"),
    ("tokenreviews", "", "authentication.k8s.io/v1", false, "TokenReview"),
    ("localsubjectaccessreviews", "", "authorization.k8s.io/v1", true, "LocalSubjectAccessReview"),
    ("selfsubjectaccessreviews", "", "authorization.k8s.io/v1", false, "SelfSubjectAccessReview"),
    ("selfsubjectrulesreviews", "", "authorization.k8s.io/v1", false, "SelfSubjectRulesReview"),
    ("subjectaccessreviews", "", "authorization.k8s.io/v1", false, "SubjectAccessReview"),
    ("horizontalpodautoscalers", "hpa", "autoscaling/v2", true, "HorizontalPodAutoscaler"),
    ("certificatesigningrequests", "csr", "certificates.k8s.io/v1", false, "CertificateSigningRequest"),
    ("events", "ev", "events.k8s.io/v1", true, "Event"),
    ("flowschemas", "", "flowcontrol.apiserver.k8s.io/v1", false, "FlowSchema"),
    ("prioritylevelconfigurations", "", "flowcontrol.apiserver.k8s.io/v1", false, "PriorityLevelConfiguration"),
    ("ingressclasses", "", "networking.k8s.io/v1", false, "IngressClass"),
    ("ingresses", "ing", "networking.k8s.io/v1", true, "Ingress"),
    ("ipaddresses", "ip", "networking.k8s.io/v1", false, "IPAddress"),
    ("networkpolicies", "netpol", "networking.k8s.io/v1", true, "NetworkPolicy"),
    ("servicecidrs", "", "networking.k8s.io/v1", false, "ServiceCIDR"),
    ("runtimeclasses", "", "node.k8s.io/v1", false, "RuntimeClass"),
    ("poddisruptionbudgets", "pdb", "policy/v1", true, "PodDisruptionBudget"),
    ("clusterrolebindings", "", "rbac.authorization.k8s.io/v1", false, "ClusterRoleBinding"),
    ("clusterroles", "", "rbac.authorization.k8s.io/v1", false, "ClusterRole"),
    ("rolebindings", "", "rbac.authorization.k8s.io/v1", true, "RoleBinding"),
    ("roles", "", "rbac.authorization.k8s.io/v1", true, "Role"),
    ("deviceclasses", "", "resource.k8s.io/v1", false, "DeviceClass"),
    ("resourceclaims", "", "resource.k8s.io/v1", true, "ResourceClaim"),
    ("resourceclaimtemplates", "", "resource.k8s.io/v1", true, "ResourceClaimTemplate"),
    ("resourceslices", "", "resource.k8s.io/v1", false, "ResourceSlice"),
    ("csidrivers", "", "storage.k8s.io/v1", false, "CSIDriver"),
    ("csinodes", "", "storage.k8s.io/v1", false, "CSINode"),
    ("csistoragecapacities", "", "storage.k8s.io/v1", true, "CSIStorageCapacity"),
    ("volumeattributesclasses", "vac", "storage.k8s.io/v1", false, "VolumeAttributesClass"),
];

/// How a resource of the server that is not simulated is called, such as `ingresses.networking.k8s.io`.
pub fn unsimulated(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let (plural, _, version, ..) = OTHERS.iter().find(|(plural, short, version, _, kind)| {
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let bare = lower.strip_suffix(&format!(".{group}")).unwrap_or(&lower);
        *plural == bare || kind.to_ascii_lowercase() == bare || short.split(',').any(|short| !short.is_empty() && short == bare)
    })?;
    Some(version.split_once('/').map_or_else(|| (*plural).to_owned(), |(group, _)| format!("{plural}.{group}")))
}

const ALL_VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// What can be done with a kind.
fn verbs(kind: &str) -> &'static [&'static str] {
    match kind {
        "Binding" => &["create"],
        "ComponentStatus" => &["get", "list"],
        _ if kind.ends_with("Review") => &["create"],
        _ => ALL_VERBS,
    }
}

/// The categories of a kind.
fn categories(group: &str, kind: &str) -> Vec<&'static str> {
    match (group, kind) {
        ("admissionregistration.k8s.io" | "apiextensions.k8s.io" | "apiregistration.k8s.io", _) => vec!["api-extensions"],
        (_, "ReplicationController" | "HorizontalPodAutoscaler") => vec!["all"],
        _ => kinds::by_kind(kind).filter(|def| def.group == group).map_or(Vec::new(), |def| def.categories.to_vec()),
    }
}

/// A row as an APIResource.
fn resource((group, plural, short, version, namespaced, kind): &(String, String, String, String, bool, String)) -> Value {
    let mut resource = json!({
        "kind": kind, "name": plural, "namespaced": namespaced, "singularName": kind.to_ascii_lowercase(), "verbs": verbs(kind),
        "version": version.rsplit('/').next(),
    });
    if !group.is_empty() {
        resource["group"] = json!(group);
    }
    if !short.is_empty() {
        resource["shortNames"] = json!(short.split(',').collect::<Vec<_>>());
    }
    let categories = categories(group, kind);
    if !categories.is_empty() {
        resource["categories"] = json!(categories);
    }
    resource
}

/// `kubectl api-resources`. Models kubectl/pkg/cmd/apiresources.
pub fn api_resources(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("unexpected arguments")?;
    let group = |version: &str| version.split_once('/').map_or("", |(group, _)| group).to_owned();
    let mut rows: Vec<(String, String, String, String, bool, String)> = Vec::new();
    for def in kinds::ALL {
        rows.push((def.group.to_owned(), def.plural.to_owned(), def.short_names.join(","), def.api_version(), def.namespaced, def.kind.to_owned()));
    }
    for (plural, short, version, namespaced, kind) in OTHERS {
        let known = kinds::ALL.iter().any(|def| def.plural == *plural && def.api_version() == *version);
        if !known {
            let text = |text: &str| text.to_owned();
            rows.push((group(version), text(plural), text(short), text(version), *namespaced, text(kind)));
        }
    }
    rows.order();
    if invocation.args.given("namespaced") {
        let wanted = invocation.args.on("namespaced");
        rows.retain(|row| row.4 == wanted);
    }
    if invocation.args.given("api-group") {
        let wanted = invocation.args.text("api-group");
        rows.retain(|row| row.0 == wanted);
    }
    let (wanted_verbs, wanted_categories) = (invocation.args.values("verbs"), invocation.args.values("categories"));
    rows.retain(|row| wanted_verbs.iter().all(|verb| verbs(&row.5).contains(&verb.as_str())));
    rows.retain(|row| wanted_categories.iter().all(|category| categories(&row.0, &row.5).contains(&category.as_str())));
    match invocation.args.text("sort-by") {
        "" => {}
        "name" => rows.order_by_key(|row| row.1.clone()),
        "kind" => rows.order_by_key(|row| row.5.clone()),
        _ => return Err(Failure::plain("--sort-by accepts only name or kind")),
    }
    let wide = match invocation.args.text("output") {
        "name" => {
            for (group, plural, ..) in rows {
                invocation.output.line(&if group.is_empty() { plural } else { format!("{plural}.{group}") });
            }
            return Ok(None);
        }
        "" => false,
        "wide" => true,
        format => {
            let list = json!({"apiVersion": "v1", "groupVersion": "", "kind": "APIResourceList", "resources": rows.iter().map(resource).collect::<Vec<_>>()});
            let text = match format.to_ascii_lowercase().as_str() {
                "json" => print::typed_json(&list),
                "yaml" => crate::values::yaml::print(&list),
                _ => {
                    return Err(Failure::plain(format!(
                        "unable to match a printer suitable for the output format {format:?}, allowed formats are: json,name,wide,yaml"
                    )));
                }
            };
            invocation.output.out(&text);
            return Ok(None);
        }
    };
    let header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"].map(str::to_owned);
    let width = if wide { header.len() } else { header.len() - 2 };
    let cells = rows.into_iter().map(|(group, plural, short, version, namespaced, kind)| {
        let (verbs, categories) = (verbs(&kind).join(","), categories(&group, &kind).join(","));
        let mut cells = vec![plural, short, version, namespaced.to_string(), kind, verbs, categories];
        cells.truncate(width);
        cells
    });
    let cells: Vec<Vec<String>> = cells.collect();
    invocation.output.out(&print::table((!invocation.args.on("no-headers")).then_some(&header[..width]), &cells));
    Ok(None)
}
