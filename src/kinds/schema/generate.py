"""Writes types.txt and internal.txt from the field lists of a Kubernetes release.

    python3 generate.py fields-v1.34.json go-types-v1.34.json

fields: the server's OpenAPI definitions without prose. go-types: Go field order, types and JSON names.
A line of types.txt is a Go type: its name, then one field each behind a tab:
    name type [!] [?] [@OpenApiType] [#mergeKey] [$strategy] [^enum,values]
with `!` required, `?` printed even when empty. Type: `s` string, `b` bool, `i32` `i64` `f64`, `y` bytes, `[]T`, `{}T` map, `*T` pointer, a name.
`=T` behind a name: a named string or map. Lines are sorted, for binary search. internal.txt has the server's own structs: Go name, JSON name, type.
"""
import json
import sys

KINDS = {
    "api/core/v1.": "ConfigMap Endpoints Event Namespace Node PersistentVolume PersistentVolumeClaim Pod Secret Service ServiceAccount",
    "api/apps/v1.": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "api/batch/v1.": "CronJob Job",
    "api/discovery/v1.": "EndpointSlice",
    "api/coordination/v1.": "Lease",
    "api/policy/v1.": "PodDisruptionBudget",
    "api/scheduling/v1.": "PriorityClass",
    "api/storage/v1.": "StorageClass VolumeAttachment",
}
INTERNAL = ["PersistentVolumeClaimSpec", "PodSpec", "PersistentVolumeSource"]
BASE = {"string": "s", "bool": "b", "int32": "i32", "int64": "i64", "int": "i64", "uint16": "i32", "float64": "f64", "[]uint8": "y",
        "uint8": "i32", "uint64": "i64", "interface {}": "Any", "any": "Any"}
OPAQUE = {"Time": "Time", "MicroTime": "MicroTime", "Quantity": "Quantity", "IntOrString": "IntOrString", "RawExtension": "Any",
          "FieldsV1": "Any", "Duration": "s"}

# What the two inputs do not have, from the API reference: leases, and what kubectl itself writes.
EXTRA = """\
Lease|kind s|apiVersion s|metadata ObjectMeta|spec LeaseSpec
LeaseSpec|holderIdentity *s|leaseDurationSeconds *i32|acquireTime *MicroTime|renewTime *MicroTime|leaseTransitions *i32|strategy *s|preferredHolder *s
AggregationRule|clusterRoleSelectors []LabelSelector
ClusterRole|kind s|apiVersion s|metadata ObjectMeta|rules []PolicyRule|aggregationRule *AggregationRule
ClusterRoleBinding|kind s|apiVersion s|metadata ObjectMeta|subjects []Subject|roleRef RoleRef
HTTPIngressPath|path s|pathType *s|backend IngressBackend
HTTPIngressRuleValue|paths []HTTPIngressPath
Ingress|kind s|apiVersion s|metadata ObjectMeta|spec IngressSpec|status Any
IngressBackend|service *IngressServiceBackend
IngressRule|host s|http *HTTPIngressRuleValue
IngressServiceBackend|name s|port ServiceBackendPort
IngressSpec|ingressClassName *s|defaultBackend *IngressBackend|tls []IngressTLS|rules []IngressRule
IngressTLS|hosts []s|secretName s
PolicyRule|verbs []s|apiGroups []s|resources []s|resourceNames []s|nonResourceURLs []s
ResourceQuota|kind s|apiVersion s|metadata ObjectMeta|spec ResourceQuotaSpec|status Any
ResourceQuotaSpec|hard {}Quantity|scopes []s
Role|kind s|apiVersion s|metadata ObjectMeta|rules []PolicyRule
RoleBinding|kind s|apiVersion s|metadata ObjectMeta|subjects []Subject|roleRef RoleRef
RoleRef|apiGroup s|kind s|name s
ServiceBackendPort|name s|number i32
Subject|kind s|apiGroup s|name s|namespace s
APIResource|name s|singularName s|namespaced b|group s|version s|kind s|verbs []s|shortNames []s|categories []s
APIResourceList|kind s|apiVersion s|groupVersion s|resources []APIResource
AuthInfo|client-certificate s|client-certificate-data s|client-key s|client-key-data s|token s|username s|password s
Cluster|server s|tls-server-name s|insecure-skip-tls-verify b|certificate-authority s|certificate-authority-data s
Config|kind s|apiVersion s|clusters []NamedCluster|users []NamedAuthInfo|contexts []NamedContext|current-context s
EventList|kind s|apiVersion s|metadata Any|items []Event
NamedAuthInfo|name s|user AuthInfo
NamedCluster|name s|cluster Cluster
NamedContext|name s|context Any
VersionInfo|major s|minor s|emulationMajor s|emulationMinor s|minCompatibilityMajor s|minCompatibilityMinor s|gitVersion s|gitCommit s|gitTreeState s|buildDate s|goVersion s|compiler s|platform s
VersionOfAll|kind s|clientVersion VersionInfo|kustomizeVersion s|serverVersion VersionInfo
CrossVersionObjectReference|kind s|name s|apiVersion s
HorizontalPodAutoscaler|kind s|apiVersion s|metadata ObjectMeta|spec HorizontalPodAutoscalerSpec|status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec|scaleTargetRef CrossVersionObjectReference|minReplicas *i32|maxReplicas i32|metrics []MetricSpec
HorizontalPodAutoscalerStatus|desiredReplicas i32|currentMetrics []Any
MetricSpec|type s|resource ResourceMetricSource
MetricTarget|type s|averageValue s|averageUtilization i32
ResourceMetricSource|name s|target MetricTarget
PriorityClass|kind s|apiVersion s|metadata ObjectMeta|value i32 !|globalDefault *b|description *s|preemptionPolicy *s ^Never,PreemptLowerPriority
"""


def short(name):
    return name.rsplit(".", 1)[1]


def main():
    fields = json.load(open(sys.argv[1]))
    types = json.load(open(sys.argv[2]))
    def definition_of(go):
        package, name = go.rsplit(".", 1)
        parts = package.split("/")
        if go.startswith("api/"):
            key = f"io.k8s.api.{parts[1]}.{parts[2]}.{name}"
        else:
            key = f"io.k8s.apimachinery.pkg.apis.meta.v1.{name}"
        return fields.get(key, {})

    seen, order, named = {}, [], {}

    def encode(go):
        if go in BASE:
            return BASE[go]
        if go.startswith("*"):
            return "*" + encode(go[1:])
        if go.startswith("[]"):
            return "[]" + encode(go[2:])
        if go.startswith("map["):
            return "{}" + encode(go[go.index("]") + 1:])
        name = short(go)
        if name in OPAQUE:
            return OPAQUE[name]
        definition = types.get(go)
        if definition is None:
            return "s" if name in ("UID", "NamespacedName") else "Any"
        if isinstance(definition, str):
            if name not in named:
                named[name] = None
                named[name] = encode(definition)
            return name
        if name in seen:
            if seen[name] != go:
                raise SystemExit(f"two types named {name}: {seen[name]} {go}")
            return name
        seen[name] = go
        order.append(go)
        for field in definition:
            encode(field[1])
        return name

    lines = []

    def openapi_type(prop, required):
        """The Go type that a definition without one would have: optional scalars are pointers."""
        ref = prop.get("ref")
        if ref:
            name = short(ref)
            if name in OPAQUE:
                return ("*" if not required and OPAQUE[name] != "Any" else "") + OPAQUE[name]
            known = [go for go in types if go.startswith("ap") and short(go) == name]
            if name not in seen:
                if known and fields.get(ref):
                    encode(known[0])
                else:
                    from_openapi(ref)
            return name if name == "ObjectMeta" else "*" + name
        kind = prop.get("type")
        if kind == "array":
            return "[]" + openapi_type(prop["items"], True).lstrip("*")
        if kind == "object":
            return "{}" + openapi_type(prop.get("additionalProperties", {"type": "string"}), True)
        base = {"string": "s", "boolean": "b", "integer": "i64" if prop.get("format") == "int64" else "i32", "number": "f64"}[kind]
        return base if required else "*" + base

    def from_openapi(ref):
        name, definition = short(ref), fields[ref]
        if name in seen:
            return
        seen[name] = ref
        required = set(definition.get("required", []))
        row = [name]
        for tag, prop in definition["properties"].items():
            kind = openapi_type(prop, tag in required or tag in ("kind", "apiVersion"))
            row.append(tag + " " + kind.lstrip("*" if "[]" in kind else "") + (" !" if tag in required else "") + rest_of(prop, kind))
        lines.append("\t".join(row))

    def rest_of(prop, kind):
        text = ""
        ref = prop.get("ref") or prop.get("items", {}).get("ref") or prop.get("additionalProperties", {}).get("ref")
        if ref and kind.lstrip("*[]{}") == "Any":
            text += f" @{short(ref)}"
        if prop.get("x-kubernetes-patch-merge-key"):
            text += " #" + prop["x-kubernetes-patch-merge-key"]
        if prop.get("x-kubernetes-patch-strategy"):
            text += " $" + prop["x-kubernetes-patch-strategy"]
        enum = prop.get("enum") or prop.get("items", {}).get("enum")
        return text + (" ^" + ",".join(enum) if enum else "")

    for prefix, names in KINDS.items():
        for name in names.split():
            if prefix + name in types:
                encode(prefix + name)
            elif "io.k8s." + prefix.replace("/", ".") + name in fields:
                from_openapi("io.k8s." + prefix.replace("/", ".") + name)

    def flat(go):
        for name, kind, tag in types[go]:
            if tag == "-":
                continue
            if tag == "" and isinstance(types.get(kind.lstrip("*")), list):
                yield from flat(kind.lstrip("*"))
            elif tag:
                yield name, kind, tag

    for go in order:
        definition = definition_of(go)
        required = set(definition.get("required", []))
        row = [short(go)]
        for _, kind, tag in flat(go):
            prop = definition.get("properties", {}).get(tag, {})
            row.append(f"{tag} {encode(kind)}" + (" !" if tag in required else "") + rest_of(prop, encode(kind)))
        lines.append("\t".join(row))
    lines += [line.replace("|", "\t") for line in EXTRA.splitlines()]
    for name, base in named.items():
        lines.append(f"{name}\t={base}")
    open("types.txt", "w").write("".join(line + "\n" for line in sorted(lines)))

    rows, done = [], set()

    def internal_text(go):
        prefix = ""
        while go[0] in "*[m":
            if go.startswith("*"):
                prefix, go = prefix + "*", go[1:]
            elif go.startswith("[]") and go not in BASE:
                prefix, go = prefix + "[]", go[2:]
            elif go.startswith("map["):
                prefix, go = prefix + "{}", go[go.index("]") + 1:]
            else:
                break
        if go in BASE:
            return prefix + BASE[go]
        definition = types.get(go)
        if isinstance(definition, str):
            return prefix + internal_text(definition)
        if go.startswith("internal/core.") and definition is not None:
            internal(go)
            return prefix + short(go)
        return prefix + {"UID": "s", "Quantity": "Quantity", "IntOrString": "IntOrString"}.get(short(go), "Any")

    def internal(go):
        if go in done:
            return
        done.add(go)
        external = "api/core/v1." + short(go)
        tags = {name.lower(): tag for name, _, tag in flat(external)} if external in types else {}

        def fields_of(go):
            for name, kind, _ in types[go]:
                if isinstance(types.get(kind), list) and name == short(kind) and kind.startswith("internal/"):
                    outer = short(kind)
                    tags_of_embedded = {n.lower(): t for n, _, t in flat("api/core/v1." + outer)} if "api/core/v1." + outer in types else {}
                    tags.update(tags_of_embedded)
                    if name.lower() not in {n.lower() for n, _, t in flat(external) if t} or outer.endswith(("Source", "Handler", "Common")) and name.lower() not in tags:
                        yield from fields_of(kind)
                        continue
                yield name, kind

        row = [short(go)]
        if short(go) == "PodSecurityContext":
            tags.update(hostnetwork="hostNetwork", hostpid="hostPID", hostipc="hostIPC", hostusers="hostUsers",
                        shareprocessnamespace="shareProcessNamespace")
        for name, kind in fields_of(go):
            if name == "ObjectMeta":
                continue  # embedded: its fields are the struct's own, and empty as a rule
            text = internal_text(kind)
            row.append(f"{name} {tags.get(name.lower(), '-')} {text}")
        rows.append("\t".join(row))

    for name in INTERNAL:
        internal("internal/core." + name)
    open("internal.txt", "w").write("".join(row + "\n" for row in sorted(rows)))


main()
