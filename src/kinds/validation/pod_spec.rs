//! The spec of a pod, be it a pod's own or a template's. Models ValidatePodSpec.

use super::affinity::{self, affinity as check_affinity};
use super::container::{self, Volumes};
use super::volumes::volumes as check_volumes;
use super::{Findings, Path, Value, list, names, text};
use std::collections::BTreeSet;

const RESTART_POLICIES: [&str; 3] = ["Always", "OnFailure", "Never"];
const DNS_POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/// A pod's spec.
pub fn pod_spec(findings: &mut Findings, at: &Path, spec: &Value) {
    let volumes = check_volumes(findings, &at.child("volumes"), list(spec, "volumes"));
    containers(findings, &at.child("containers"), list(spec, "containers"), &volumes);
    init_containers(findings, &at.child("initContainers"), spec, &volumes);
    findings.one_of(&at.child("restartPolicy"), &spec["restartPolicy"], &RESTART_POLICIES);
    findings.one_of(&at.child("dnsPolicy"), &spec["dnsPolicy"], &DNS_POLICIES);
    affinity::node_labels(findings, &at.child("nodeSelector"), spec);
    security(findings, &at.child("securityContext"), &spec["securityContext"]);
    if spec["affinity"].is_object() {
        check_affinity(findings, &at.child("affinity"), &spec["affinity"]);
    }
    dns(findings, &at.child("dnsConfig"), spec);
    let gates_at = at.child("readinessGates");
    for (index, gate) in list(spec, "readinessGates").iter().enumerate() {
        names::label_name(findings, &gates_at.index(index).child("conditionType"), text(gate, "conditionType"));
    }
    affinity::spread(findings, &at.child("topologySpreadConstraints"), list(spec, "topologySpreadConstraints"));
    names_and_rest(findings, at, spec);
}

fn names_and_rest(findings: &mut Findings, at: &Path, spec: &Value) {
    let rules: [(&str, names::Rule); 2] = [("serviceAccountName", names::subdomain), ("nodeName", names::subdomain)];
    for (field, rule) in rules {
        let name = text(spec, field);
        if !name.is_empty() {
            findings.all_invalid(&at.child(field), name, rule(name));
        }
    }
    affinity::in_range(findings, &at.child("activeDeadlineSeconds"), &spec["activeDeadlineSeconds"], 1, i64::from(i32::MAX));
    for field in ["hostname", "subdomain"] {
        let name = text(spec, field);
        if !name.is_empty() {
            findings.all_invalid(&at.child(field), name, names::label(name));
        }
    }
    affinity::tolerations(findings, &at.child("tolerations"), list(spec, "tolerations"));
    let aliases_at = at.child("hostAliases");
    for (index, alias) in list(spec, "hostAliases").iter().enumerate() {
        let here = aliases_at.index(index);
        if text(alias, "ip").parse::<std::net::IpAddr>().is_err() {
            findings.invalid_text(&here.child("ip"), text(alias, "ip"), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        for (index, name) in list(alias, "hostnames").iter().enumerate() {
            let name = name.as_str().unwrap_or("");
            findings.all_invalid(&here.child("hostnames").index(index), name, names::subdomain(name));
        }
    }
    for field in ["priorityClassName", "runtimeClassName"] {
        let name = text(spec, field);
        if !name.is_empty() {
            findings.all_invalid(&at.child(field), name, names::subdomain(name));
        }
    }
    findings.optional_one_of(&at.child("preemptionPolicy"), &spec["preemptionPolicy"], &["PreemptLowerPriority", "Never"]);
}

fn containers(findings: &mut Findings, at: &Path, containers: &[Value], volumes: &Volumes) {
    if containers.is_empty() {
        findings.required(at, "");
        return;
    }
    let mut known = BTreeSet::new();
    for (index, one) in containers.iter().enumerate() {
        let here = at.index(index);
        container::common(findings, &here, one, volumes);
        if !known.insert(text(one, "name")) {
            findings.duplicate(&here.child("name"), &one["name"]);
        }
        container::hooks(findings, &here, one);
        if one["restartPolicy"].is_string() {
            findings.forbidden(&here.child("restartPolicy"), "may not be set for non-init containers");
        }
    }
    container::host_ports(findings, at, containers);
}

fn init_containers(findings: &mut Findings, at: &Path, spec: &Value, volumes: &Volumes) {
    let mut known: BTreeSet<&str> = list(spec, "containers").iter().map(|one| text(one, "name")).collect();
    for (index, one) in list(spec, "initContainers").iter().enumerate() {
        let here = at.index(index);
        container::common(findings, &here, one, volumes);
        let policy = &one["restartPolicy"];
        let stays = policy == "Always";
        if policy.is_string() && !stays {
            findings.unsupported(&here.child("restartPolicy"), policy, &["Always"]);
        }
        let name = text(one, "name");
        if !name.is_empty() && !known.insert(name) {
            findings.duplicate(&here.child("name"), &one["name"]);
        }
        if stays {
            container::hooks(findings, &here, one);
        } else {
            container::no_hooks(findings, &here, one);
        }
    }
}

fn security(findings: &mut Findings, at: &Path, context: &Value) {
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        affinity::in_range(findings, &at.child(field), &context[field], 0, i64::from(i32::MAX));
    }
    let groups = at.child("supplementalGroups");
    for (index, group) in list(context, "supplementalGroups").iter().enumerate() {
        affinity::in_range(findings, &groups.index(index), group, 0, i64::from(i32::MAX));
    }
    findings.optional_one_of(&at.child("fsGroupChangePolicy"), &context["fsGroupChangePolicy"], &["Always", "OnRootMismatch"]);
}

fn dns(findings: &mut Findings, at: &Path, spec: &Value) {
    if text(spec, "dnsPolicy") != "None" {
        return;
    }
    if !spec["dnsConfig"].is_object() {
        findings.required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
    } else if list(&spec["dnsConfig"], "nameservers").is_empty() {
        findings.required(&at.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
}

/// A pod template below `at`: labels and annotations, then the spec.
pub fn template(findings: &mut Findings, at: &Path, template: &Value) {
    names::labels(findings, &at.child("labels"), &template["metadata"]["labels"]);
    super::metadata::annotations(findings, &at.child("annotations"), &template["metadata"]["annotations"]);
    pod_spec(findings, &at.child("spec"), &template["spec"]);
    if !list(&template["spec"], "ephemeralContainers").is_empty() {
        findings.forbidden(&at.child("spec").child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
    }
}
