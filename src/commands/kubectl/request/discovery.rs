//! What the server knows and nothing here acts on.

/// A kind that the server knows and nothing here acts on: plural, short names, group and version, namespaced, kind.
type Row = (&'static str, &'static str, &'static str, bool, &'static str);

/// Kinds of a v1.34 server. One that `kinds::ALL` has by now is that row, whatever stands here.
pub const OTHERS: &[Row] = &[
    ("bindings", "", "v1", true, "Binding"),
    ("componentstatuses", "cs", "v1", false, "ComponentStatus"),
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

/// The kinds, and what stands before the name of an object in answers.
const KINDS: &[(&str, &str)] = &[
    ("ClusterRole", "clusterrole.rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "clusterrolebinding.rbac.authorization.k8s.io"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscaler.autoscaling"),
    ("Ingress", "ingress.networking.k8s.io"),
    ("ResourceQuota", "resourcequota"),
    ("Role", "role.rbac.authorization.k8s.io"),
    ("RoleBinding", "rolebinding.rbac.authorization.k8s.io"),
];

/// The kind as the table of types knows it, and the name of its resource.
pub fn known(kind: &str) -> Option<(&'static str, &'static str)> {
    KINDS.iter().find(|(known, _)| *known == kind).copied()
}
