//! StatefulSet, Deployment, ReplicaSet, DaemonSet, ControllerRevision. Models pkg/apis/apps/validation.

use super::metadata::{self, is_empty_selector, label_selector};
use super::pod_spec;
use super::{Findings, Path, SPEC, Value, list, names, same, spec_of, text};
use crate::kinds::{self, godiff};
use crate::values::object::{Object, json};
use crate::values::selector::LabelSelector;
use crate::values::status::FieldError;

const STATEFUL_SET_UPDATE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const NO_MATCH: &str = "`selector` does not match template `labels`";

/// What stands for an absent or empty map of labels in a message: Go's nil or empty map.
fn shown_labels(template: &Value) -> Value {
    template["metadata"]["labels"].clone()
}

fn selector_matches(selector: &Value, template: &Value) -> Result<bool, ()> {
    let selector = LabelSelector::from_object(selector).map_err(|_| ())?;
    Ok(selector.matches(template["metadata"]["labels"].as_object()))
}

pub fn stateful_set(set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let def = kinds::def("StatefulSet");
    let spec = spec_of(set);
    metadata::object(&mut findings, def, set, old, names::label);
    stateful_set_spec(&mut findings, spec);
    if old.is_none() {
        claim_templates(&mut findings, spec);
    }
    if let Some(old) = old {
        let free =
            ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];
        let rest = |spec: &Value| -> Value {
            let fields = spec.as_object().into_iter().flatten();
            fields.filter(|(name, _)| !free.contains(name)).map(|(name, value)| (name, value.clone())).collect()
        };
        if !same(&rest(spec), &rest(spec_of(old))) {
            findings.forbidden(&SPEC, STATEFUL_SET_UPDATE);
        }
    }
    findings.list
}

fn stateful_set_spec(findings: &mut Findings, spec: &Value) {
    let policy = text(spec, "podManagementPolicy");
    if !matches!(policy, "OrderedReady" | "Parallel") {
        findings.invalid_text(&SPEC.child("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'");
    }
    let strategy_at = SPEC.child("updateStrategy");
    let rolling_at = strategy_at.child("rollingUpdate");
    let strategy = &spec["updateStrategy"];
    let rolling = &strategy["rollingUpdate"];
    match text(strategy, "type") {
        "" => findings.required(&strategy_at, ""),
        "OnDelete" if rolling.is_object() => {
            let shown = godiff::json("RollingUpdateStatefulSetStrategy", rolling);
            findings.add(&rolling_at, format!("Invalid value: {shown}: only allowed for updateStrategy 'RollingUpdate'"));
        }
        "RollingUpdate" => {
            findings.nonnegative(&rolling_at.child("partition"), &rolling["partition"]);
            if !rolling["maxUnavailable"].is_null() {
                int_or_percent(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
                if is_zero(&rolling["maxUnavailable"]) {
                    findings.invalid(&rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"], "cannot be 0");
                }
            }
        }
        "OnDelete" => {}
        _ => {
            let shown = godiff::json("StatefulSetUpdateStrategy", strategy);
            findings.add(&strategy_at, format!("Invalid value: {shown}: must be 'RollingUpdate' or 'OnDelete'"));
        }
    }
    let retention_at = SPEC.child("persistentVolumeClaimRetentionPolicy");
    let retention = &spec["persistentVolumeClaimRetentionPolicy"];
    if retention.is_object() {
        for field in ["whenDeleted", "whenScaled"] {
            if !matches!(text(retention, field), "Retain" | "Delete") {
                findings.unsupported(&retention_at.child(field), &json!(text(retention, field)), &["Retain", "Delete"]);
            }
        }
    }
    findings.nonnegative(&SPEC.child("replicas"), &spec["replicas"]);
    findings.nonnegative(&SPEC.child("minReadySeconds"), &spec["minReadySeconds"]);
    findings.nonnegative(&SPEC.child("ordinals").child("start"), &spec["ordinals"]["start"]);
    let template = &spec["template"];
    let template_at = SPEC.child("template");
    if selector(findings, spec, "statefulset") {
        let metadata = &template["metadata"];
        names::labels(findings, &template_at.child("labels"), &metadata["labels"]);
        metadata::annotations(findings, &template_at.child("annotations"), &metadata["annotations"]);
        pod_spec::pod_spec(findings, &template_at.child("spec"), &with_claims(spec));
    }
    only_always(findings, spec, "StatefulSet");
}

/// Looked at on creation only: they cannot change.
fn claim_templates(findings: &mut Findings, spec: &Value) {
    let claims_at = SPEC.child("volumeClaimTemplates");
    for (index, claim) in list(spec, "volumeClaimTemplates").iter().enumerate() {
        let here = claims_at.index(index);
        super::storage::claim_spec(findings, &here.child("spec"), &claim["spec"]);
    }
}

/// The spec of a set's pods with the volumes that its claim templates add.
fn with_claims(spec: &Value) -> Value {
    let mut pod = spec["template"]["spec"].clone();
    let mut volumes = list(&pod, "volumes").to_vec();
    for claim in list(spec, "volumeClaimTemplates") {
        let name = text(&claim["metadata"], "name");
        if !volumes.iter().any(|volume| text(volume, "name") == name) {
            volumes.push(json!({"name": name, "persistentVolumeClaim": {"claimName": name}}));
        }
    }
    if let Some(pod) = pod.as_object_mut() {
        pod.insert("volumes", Value::from(volumes));
    }
    pod
}

/// The selector and whether it chooses the template's labels. Says whether the template is worth a look.
fn selector(findings: &mut Findings, spec: &Value, kind: &str) -> bool {
    let at = SPEC.child("selector");
    let selector = &spec["selector"];
    if selector.is_null() {
        // Upstream does not ask a DaemonSet for one; that its template matches none says enough.
        if kind != "daemonset" {
            findings.required(&at, "");
        }
    } else {
        label_selector(findings, &at, selector);
        if is_empty_selector(selector) {
            findings.invalid_selector(&at, selector, &format!("empty selector is invalid for {kind}"));
        }
    }
    match selector_matches(selector, &spec["template"]) {
        Err(()) if kind == "statefulset" => {
            findings.invalid_selector(&at, selector, "");
            false
        }
        Err(()) => {
            findings.invalid_selector(&at, selector, "invalid label selector");
            false
        }
        Ok(true) => true,
        Ok(false) => {
            let template_at = SPEC.child("template");
            findings.invalid(&template_at.child("metadata").child("labels"), &shown_labels(&spec["template"]), NO_MATCH);
            true
        }
    }
}

fn only_always(findings: &mut Findings, spec: &Value, kind: &str) {
    let template_at = SPEC.child("template");
    let spec_at = template_at.child("spec");
    let pod = &spec["template"]["spec"];
    if text(pod, "restartPolicy") != "Always" {
        findings.unsupported(&spec_at.child("restartPolicy"), &json!(text(pod, "restartPolicy")), &["Always"]);
    }
    if !pod["activeDeadlineSeconds"].is_null() {
        findings.forbidden(&spec_at.child("activeDeadlineSeconds"), &format!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

fn is_zero(value: &Value) -> bool {
    // As upstream, what is no number counts as none.
    let number = |text: &str| text.strip_suffix('%').unwrap_or(text).parse::<i64>().unwrap_or(0);
    value.as_i64().or_else(|| value.as_str().map(number)) == Some(0)
}

/// A number that is not negative, or a percentage.
pub(super) fn int_or_percent(findings: &mut Findings, at: &Path, value: &Value) {
    match value {
        Value::String(text) => {
            let percent = text.strip_suffix('%').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()));
            if !percent {
                findings.invalid(at, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
        }
        _ => findings.nonnegative(at, value),
    }
}

pub(super) fn at_most_all(findings: &mut Findings, at: &Path, value: &Value) {
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<u64>().ok());
    if percent.is_some_and(|percent| percent > 100) {
        findings.invalid(at, value, "must not be greater than 100%");
    }
}

/// Templates of Deployments, ReplicaSets and DaemonSets.
fn common_template(findings: &mut Findings, spec: &Value, kind: &str, name: &str) {
    if selector(findings, spec, name) {
        let template_at = SPEC.child("template");
        pod_spec::template(findings, &template_at, &spec["template"]);
        only_always(findings, spec, kind);
    }
}

/// As of a Deployment: the selector stands first, numbers later.
fn ordered(findings: &mut Findings, spec: &Value, kind: &str, name: &str, numbers: &[&str]) {
    common_template(findings, spec, kind, name);
    for field in numbers {
        findings.nonnegative(&SPEC.child(field), &spec[*field]);
    }
}

pub fn deployment(deployment: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Deployment"), deployment, old, names::subdomain);
    let spec = spec_of(deployment);
    findings.nonnegative(&SPEC.child("replicas"), &spec["replicas"]);
    common_template(&mut findings, spec, "ReplicaSet", "deployment");
    deployment_strategy(&mut findings, &spec["strategy"]);
    for field in ["minReadySeconds", "revisionHistoryLimit"] {
        findings.nonnegative(&SPEC.child(field), &spec[field]);
    }
    if let Some(deadline) = spec["progressDeadlineSeconds"].as_i64() {
        let at = SPEC.child("progressDeadlineSeconds");
        findings.nonnegative(&at, &spec["progressDeadlineSeconds"]);
        if deadline <= spec["minReadySeconds"].as_i64().unwrap_or(0) {
            findings.invalid(&at, &spec["progressDeadlineSeconds"], "must be greater than minReadySeconds");
        }
    }
    same_selector(&mut findings, spec, old);
    findings.list
}

fn deployment_strategy(findings: &mut Findings, strategy: &Value) {
    let at = SPEC.child("strategy");
    let rolling_at = at.child("rollingUpdate");
    let rolling = &strategy["rollingUpdate"];
    match text(strategy, "type") {
        "Recreate" if rolling.is_object() => {
            findings.forbidden(&rolling_at, "may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            int_or_percent(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
            int_or_percent(findings, &rolling_at.child("maxSurge"), &rolling["maxSurge"]);
            if is_zero(&rolling["maxUnavailable"]) && is_zero(&rolling["maxSurge"]) {
                findings.invalid(&rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
        }
        // The whole strategy is what is not supported, in upstream's eyes.
        _ => {
            let shown = godiff::json("DeploymentStrategy", strategy);
            findings.add(&at, format!("Unsupported value: {shown}: supported values: \"Recreate\", \"RollingUpdate\""));
        }
    }
}

fn same_selector(findings: &mut Findings, spec: &Value, old: Option<&Object>) {
    if old.is_some_and(|old| !same(&spec["selector"], &spec_of(old)["selector"])) {
        findings.invalid_selector(&SPEC.child("selector"), &spec["selector"], super::IMMUTABLE);
    }
}

pub fn replica_set(set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("ReplicaSet"), set, old, names::subdomain);
    let spec = spec_of(set);
    for field in ["replicas", "minReadySeconds"] {
        findings.nonnegative(&SPEC.child(field), &spec[field]);
    }
    ordered(&mut findings, spec, "ReplicaSet", "replicaset", &[]);
    same_selector(&mut findings, spec, old);
    findings.list
}

pub fn daemon_set(set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("DaemonSet"), set, old, names::subdomain);
    let spec = spec_of(set);
    same_selector(&mut findings, spec, old);
    ordered(&mut findings, spec, "DaemonSet", "daemonset", &["minReadySeconds"]);
    let at = SPEC.child("updateStrategy");
    let strategy = &spec["updateStrategy"];
    match text(strategy, "type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let rolling_at = at.child("rollingUpdate");
            for field in ["maxUnavailable", "maxSurge"] {
                int_or_percent(&mut findings, &rolling_at.child(field), &strategy["rollingUpdate"][field]);
            }
            for field in ["maxUnavailable", "maxSurge"] {
                at_most_all(&mut findings, &rolling_at.child(field), &strategy["rollingUpdate"][field]);
            }
            match ["maxUnavailable", "maxSurge"].map(|field| is_zero(&strategy["rollingUpdate"][field])) {
                [false, false] => {
                    let surge = &strategy["rollingUpdate"]["maxSurge"];
                    findings.invalid(&rolling_at.child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero");
                }
                [true, true] => findings.required(&rolling_at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"),
                _ => {}
            }
        }
        // The whole strategy is what is not supported, in upstream's eyes.
        _ => {
            let shown = godiff::json("DaemonSetUpdateStrategy", strategy);
            findings.add(&at, format!("Unsupported value: {shown}: supported values: \"RollingUpdate\", \"OnDelete\""));
        }
    }
    findings.nonnegative(&SPEC.child("revisionHistoryLimit"), &spec["revisionHistoryLimit"]);
    findings.list
}

pub fn controller_revision(revision: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("ControllerRevision"), revision, old, names::subdomain);
    if revision.at(&["data"]).is_none() {
        findings.required(&Path::root("data"), "data is mandatory");
    }
    findings.nonnegative(&Path::root("revision"), &revision.0["revision"]);
    if let Some(old) = old {
        findings.immutable(&Path::root("data"), &revision.0["data"], &old.0["data"]);
    }
    findings.list
}
