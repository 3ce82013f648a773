//! Volumes, claims, classes, and the sources of volumes.

use super::context::{Context, labels_text, list_text};
use super::writer::Writer;
use crate::kinds::printers::access_modes;
use crate::values::object::{Object, Value, at, str_at};

/// A volume's source: its field, its type's text, and its lines: label, field, what stands for an absent value.
type Source = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const SOURCES: &[Source] = &[
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path", ""), ("HostPathType", "type", "")]),
    ("emptyDir", "EmptyDir (a temporary directory that shares a pod's lifetime)", &[("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")]),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")],
    ),
    ("secret", "Secret (a volume populated by a Secret)", &[("SecretName", "secretName", ""), ("Optional", "optional", "false")]),
    ("configMap", "ConfigMap (a volume populated by a ConfigMap)", &[("Name", "name", ""), ("Optional", "optional", "false")]),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", "false")],
    ),
    ("local", "LocalVolume (a persistent volume backed by local storage on a node)", &[("Path", "path", "")]),
    (
        "awsElasticBlockStore",
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        &[("VolumeID", "volumeID", ""), ("FSType", "fsType", ""), ("Partition", "partition", "0"), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "gcePersistentDisk",
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        &[("PDName", "pdName", ""), ("FSType", "fsType", ""), ("Partition", "partition", "0"), ("ReadOnly", "readOnly", "false")],
    ),
];

fn text_of(value: Option<&Value>, absent: &str) -> String {
    match value {
        None | Some(Value::Null) => absent.to_owned(),
        Some(Value::String(text)) => text.to_string(),
        Some(other) => other.to_string(),
    }
}

/// The lines of a volume's source, in a pod or a PersistentVolume.
pub(super) fn source(volume: &Value, persistent: bool, writer: &mut Writer) {
    if let Some((field, title, lines)) = SOURCES.iter().find(|(field, ..)| volume.get(*field).is_some_and(|source| !source.is_null())) {
        writer.line(2, &format!("Type:\t{title}"));
        for (label, name, absent) in *lines {
            writer.line(2, &format!("{label}:\t{}", text_of(volume[*field].get(*name), absent)));
        }
    } else if let Some(csi) = at(volume, &["csi"]) {
        csi_source(csi, persistent, writer);
    } else if let Some(projected) = at(volume, &["projected"]) {
        projected_source(projected, writer);
    } else if let Some(api) = at(volume, &["downwardAPI"]) {
        writer.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
        writer.line(2, "Items:");
        for item in api["items"].as_array().into_iter().flatten() {
            writer.line(3, &format!("{} -> {}", str_at(item, &["fieldRef", "fieldPath"]), str_at(item, &["path"])));
        }
    } else if let Some(template) = at(volume, &["ephemeral", "volumeClaimTemplate"]) {
        writer.line(2, "Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)");
        writer.nested = 4;
        claim(&Object(template.clone()), None, writer);
        writer.nested = 0;
    } else {
        writer.line(1, "<unknown>");
    }
}

fn csi_source(csi: &Value, persistent: bool, writer: &mut Writer) {
    writer.line(2, "Type:\tCSI (a Container Storage Interface (CSI) volume source)");
    let mut lines = vec![("Driver", "driver", ""), ("FSType", "fsType", "")];
    if persistent {
        lines.push(("VolumeHandle", "volumeHandle", ""));
    }
    lines.push(("ReadOnly", "readOnly", "false"));
    for (label, name, absent) in lines {
        writer.line(2, &format!("{label}:\t{}", text_of(csi.get(name), absent)));
    }
    writer.piece(2, "VolumeAttributes:\t");
    let attributes: Vec<String> =
        csi["volumeAttributes"].as_object().into_iter().flatten().map(|(key, value)| format!("{key}={}", text_of(Some(value), ""))).collect();
    if attributes.is_empty() {
        writer.line(2, "<none>");
    }
    for (index, attribute) in attributes.iter().enumerate() {
        if index > 0 {
            writer.piece(2, "\t");
        }
        writer.line(2, attribute);
    }
}

fn projected_source(projected: &Value, writer: &mut Writer) {
    writer.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    for part in projected["sources"].as_array().into_iter().flatten() {
        for (field, label) in [("secret", "SecretName"), ("configMap", "ConfigMapName")] {
            if let Some(part) = at(part, &[field]) {
                writer.line(2, &format!("{label}:\t{}", str_at(part, &["name"])));
                writer.line(2, &format!("Optional:\t{}", text_of(part.get("optional"), "false")));
            }
        }
        if at(part, &["downwardAPI"]).is_some() {
            writer.line(2, "DownwardAPI:\ttrue");
        }
        if let Some(token) = at(part, &["serviceAccountToken"]) {
            writer.line(2, &format!("TokenExpirationSeconds:\t{}", token["expirationSeconds"]));
        }
    }
}

/// A claim, or (without a context) the template of one.
fn claim(claim: &Object, context: Option<&Context<'_>>, writer: &mut Writer) {
    if context.is_some() {
        writer.head(claim);
    }
    let class = match claim.str(&["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"]) {
        "" => claim.str(&["spec", "storageClassName"]),
        class => class,
    };
    writer.line(0, &format!("StorageClass:\t{class}"));
    if let Some(context) = context {
        let status = context.terminating(claim).unwrap_or_else(|| claim.str(&["status", "phase"]).to_owned());
        writer.line(0, &format!("Status:\t{status}"));
    }
    let volume = claim.str(&["spec", "volumeName"]);
    writer.line(0, &format!("Volume:\t{volume}"));
    writer.metadata(claim);
    if context.is_some() {
        writer.line(0, &format!("Finalizers:\t{}", list_text(claim.list(&["metadata", "finalizers"]))));
    }
    let (mut capacity, mut modes) = (String::new(), String::new());
    if !volume.is_empty() {
        capacity = text_of(claim.at(&["status", "capacity", "storage"]), "0");
        modes = access_modes(claim.list(&["status", "accessModes"]));
    }
    writer.line(0, &format!("Capacity:\t{capacity}\nAccess Modes:\t{modes}").replace('\n', &format!("\n{}", " ".repeat(writer.nested))));
    if claim.at(&["spec", "volumeMode"]).is_some() {
        writer.line(0, &format!("VolumeMode:\t{}", claim.str(&["spec", "volumeMode"])));
    }
    if let Some(source) = claim.at(&["spec", "dataSource"]) {
        writer.line(0, "DataSource:");
        if !str_at(source, &["apiGroup"]).is_empty() {
            writer.line(1, &format!("APIGroup:\t{}", str_at(source, &["apiGroup"])));
        }
        writer.line(1, &format!("Kind:\t{}", str_at(source, &["kind"])));
        writer.line(1, &format!("Name:\t{}", str_at(source, &["name"])));
    }
}

pub(super) fn persistent_volume_claim(object: &Object, context: &Context<'_>, writer: &mut Writer) {
    claim(object, Some(context), writer);
    let uses = |pod: &Object| {
        pod.list(&["spec", "volumes"]).iter().any(|volume| {
            str_at(volume, &["persistentVolumeClaim", "claimName"]) == object.name()
                || volume.get("ephemeral").is_some() && format!("{}-{}", pod.name(), str_at(volume, &["name"])) == object.name()
        })
    };
    let users: Vec<String> = context.pods(object.namespace()).filter(|pod| uses(pod)).map(|pod| pod.name().to_owned()).collect();
    writer.piece(0, "Used By:\t");
    writer.listed("", &users);
    let conditions = object.list(&["status", "conditions"]);
    if !conditions.is_empty() {
        writer.line(0, "Conditions:");
        writer.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        writer.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        for condition in conditions {
            let text = |field: &str| str_at(condition, &[field]).to_owned();
            let time = |field: &str| context.time(str_at(condition, &[field]));
            writer.line(
                1,
                &format!(
                    "{} \t{} \t{} \t{} \t{} \t{}",
                    text("type"),
                    text("status"),
                    time("lastProbeTime"),
                    time("lastTransitionTime"),
                    text("reason"),
                    text("message")
                ),
            );
        }
    }
    context.events(object, writer);
}

pub(super) fn persistent_volume(volume: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.line(0, &format!("Name:\t{}", volume.name()));
    writer.metadata(volume);
    writer.line(0, &format!("Finalizers:\t{}", list_text(volume.list(&["metadata", "finalizers"]))));
    let class = match volume.str(&["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"]) {
        "" => volume.str(&["spec", "storageClassName"]),
        class => class,
    };
    writer.line(0, &format!("StorageClass:\t{class}"));
    let status = context.terminating(volume).unwrap_or_else(|| volume.str(&["status", "phase"]).to_owned());
    writer.line(0, &format!("Status:\t{status}"));
    let claim = match volume.at(&["spec", "claimRef"]) {
        Some(claim) => format!("{}/{}", str_at(claim, &["namespace"]), str_at(claim, &["name"])),
        None => String::new(),
    };
    writer.line(0, &format!("Claim:\t{claim}"));
    writer.line(0, &format!("Reclaim Policy:\t{}", volume.str(&["spec", "persistentVolumeReclaimPolicy"])));
    writer.line(0, &format!("Access Modes:\t{}", access_modes(volume.list(&["spec", "accessModes"]))));
    if volume.at(&["spec", "volumeMode"]).is_some() {
        writer.line(0, &format!("VolumeMode:\t{}", volume.str(&["spec", "volumeMode"])));
    }
    writer.line(0, &format!("Capacity:\t{}", text_of(volume.at(&["spec", "capacity", "storage"]), "0")));
    node_affinity(volume, writer);
    writer.line(0, &format!("Message:\t{}", volume.str(&["status", "message"])));
    writer.line(0, "Source:");
    source(volume.at(&["spec"]).unwrap_or(&Value::Null), true, writer);
    context.events(volume, writer);
}

fn node_affinity(volume: &Object, writer: &mut Writer) {
    writer.piece(0, "Node Affinity:\t");
    let Some(affinity) = volume.at(&["spec", "nodeAffinity"]) else { return writer.line(0, "<none>") };
    writer.line(0, "");
    let Some(terms) = affinity["required"]["nodeSelectorTerms"].as_array() else {
        return writer.line(1, "Required Terms:\t<none>");
    };
    writer.line(1, "Required Terms:\t");
    for (index, term) in terms.iter().enumerate() {
        writer.piece(2, &format!("Term {index}:\t"));
        let expressions = term["matchExpressions"].as_array().map_or(&[][..], Vec::as_slice);
        if expressions.is_empty() {
            writer.line(0, "<none>");
        }
        for (index, expression) in expressions.iter().enumerate() {
            if index > 0 {
                writer.piece(2, "\t");
            }
            let operator = str_at(expression, &["operator"]).to_ascii_lowercase();
            let values: Vec<&str> = expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let values = if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
            writer.line(0, &format!("{} {operator}{values}", str_at(expression, &["key"])));
        }
    }
}

pub(super) fn storage_class(class: &Object, context: &Context<'_>, writer: &mut Writer) {
    let annotation = |key: &str| class.str(&["metadata", "annotations", key]) == "true";
    let default = annotation("storageclass.kubernetes.io/is-default-class") || annotation("storageclass.beta.kubernetes.io/is-default-class");
    writer.line(0, &format!("Name:\t{}", class.name()));
    writer.line(0, &format!("IsDefaultClass:\t{}", if default { "Yes" } else { "No" }));
    writer.line(0, &format!("Annotations:\t{}", labels_text(class, &["metadata", "annotations"])));
    writer.line(0, &format!("Provisioner:\t{}", class.str(&["provisioner"])));
    writer.line(0, &format!("Parameters:\t{}", labels_text(class, &["parameters"])));
    let expansion = match class.at(&["allowVolumeExpansion"]) {
        None => "<unset>",
        Some(flag) => {
            if *flag == true {
                "True"
            } else {
                "False"
            }
        }
    };
    writer.line(0, &format!("AllowVolumeExpansion:\t{expansion}"));
    let options = class.list(&["mountOptions"]);
    if options.is_empty() {
        writer.line(0, "MountOptions:\t<none>");
    } else {
        writer.line(0, "MountOptions:");
        for option in options {
            writer.line(1, &text_of(Some(option), ""));
        }
    }
    writer.line(0, &format!("ReclaimPolicy:\t{}", class.str(&["reclaimPolicy"])));
    writer.line(0, &format!("VolumeBindingMode:\t{}", class.str(&["volumeBindingMode"])));
    let topologies = class.list(&["allowedTopologies"]);
    if !topologies.is_empty() {
        writer.line(0, "AllowedTopologies:\t");
        for (index, term) in topologies.iter().enumerate() {
            writer.piece(1, &format!("Term {index}:\t"));
            for (index, expression) in term["matchLabelExpressions"].as_array().into_iter().flatten().enumerate() {
                if index > 0 {
                    writer.piece(1, "\t");
                }
                let values: Vec<&str> = expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                writer.line(0, &format!("{} in [{}]", str_at(expression, &["key"]), values.join(", ")));
            }
        }
    }
    context.events(class, writer);
}
