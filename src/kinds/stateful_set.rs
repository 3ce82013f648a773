//! StatefulSet. Models pkg/apis/apps.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, each, spec};
use super::godiff;
use super::printers::{AGE, CONTAINERS, IMAGES, NAME, READY};
use super::validation::{Findings, SPEC, claims, list, metadata, names, pod_spec, same, spec_of, text, warnings, workloads};
use crate::values::object::{Object, Value, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "StatefulSet",
    group: "apps",
    plural: "statefulsets",
    short_names: &["sts"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings,
    columns: &[NAME, READY, AGE, CONTAINERS, IMAGES],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "podManagementPolicy", json!("OrderedReady"));
    default(spec, "replicas", json!(1));
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "persistentVolumeClaimRetentionPolicy", json!({}));
    let policy = &mut spec["persistentVolumeClaimRetentionPolicy"];
    default(policy, "whenDeleted", json!("Retain"));
    default(policy, "whenScaled", json!("Retain"));
    default(spec, "updateStrategy", json!({}));
    let strategy = &mut spec["updateStrategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "partition", json!(0));
    }
    if spec.get("ordinals").is_some() {
        default(&mut spec["ordinals"], "start", json!(0));
    }
    defaults::template(spec);
    for claim in each(spec, "volumeClaimTemplates") {
        default(claim, "apiVersion", json!("v1"));
        default(claim, "kind", json!("PersistentVolumeClaim"));
        if let Some(spec) = claim.get_mut("spec") {
            defaults::claim_spec(spec);
        }
        default(claim, "status", json!({}));
        default(&mut claim["status"], "phase", json!("Pending"));
    }
}

fn validate(def: &KindDef, set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
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

fn warnings(set: &Object, old: Option<&Object>) -> Vec<String> {
    let mut warnings = warnings::Warnings::default();
    let spec = spec_of(set);
    warnings::template(&mut warnings, spec, old);
    let claims_at = SPEC.child("volumeClaimTemplates");
    for (index, claim) in list(spec, "volumeClaimTemplates").iter().enumerate().filter(|_| old.is_none()) {
        let here = claims_at.index(index);
        warnings.fractions(&here.child("resources").child("requests"), &claim["spec"]["resources"]["requests"]);
    }
    if spec["revisionHistoryLimit"].as_i64().is_some_and(|limit| limit < 0) {
        let why = "a negative value retains all historical revisions; a value >= 0 is recommended";
        warnings.add(&SPEC.child("revisionHistoryLimit"), why);
    }
    warnings.list
}

const STATEFUL_SET_UPDATE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

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
                workloads::int_or_percent(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
                if workloads::is_zero(&rolling["maxUnavailable"]) {
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
    if workloads::selector(findings, spec, "statefulset") {
        let metadata = &template["metadata"];
        names::labels(findings, &template_at.child("labels"), &metadata["labels"]);
        metadata::annotations(findings, &template_at.child("annotations"), &metadata["annotations"]);
        pod_spec::pod_spec(findings, &template_at.child("spec"), &with_claims(spec));
    }
    workloads::only_always(findings, spec, "StatefulSet");
}

/// Looked at on creation only: they cannot change.
fn claim_templates(findings: &mut Findings, spec: &Value) {
    let claims_at = SPEC.child("volumeClaimTemplates");
    for (index, claim) in list(spec, "volumeClaimTemplates").iter().enumerate() {
        let here = claims_at.index(index);
        claims::claim_spec(findings, &here.child("spec"), &claim["spec"]);
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
