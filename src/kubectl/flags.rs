//! The flags of the verbs, in the groups in which they share them.

use super::args::{Flag, FlagKind};

/// `-f`, `-k`, `-R`.
pub const FILES: &[Flag] = &[
    Flag::list("filename", "Filename, directory, or URL to files identifying the resource.").short('f'),
    Flag::text("kustomize", "Process a kustomization directory. This flag can't be used together with -f or -R.").short('k'),
    Flag::bool("recursive", "Process the directory used in -f, --filename recursively.").short('R'),
];
/// `-l`.
pub const SELECTOR: &[Flag] = &[Flag::text("selector", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.").short('l')];
pub const FIELD_SELECTOR: &[Flag] = &[Flag::text("field-selector", "Selector (field query) to filter on, supports '=', '==', and '!='.")];
pub const EVERYWHERE: &[Flag] = &[Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces.").short('A')];
/// `-o` and what goes with it.
pub const OUTPUT: &[Flag] = &[
    Flag::text("output", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).").short('o'),
    Flag::new("allow-missing-template-keys", '\0', FlagKind::Bool, "true", "If true, ignore any errors in templates when a field or map key is missing in the template."),
    Flag::bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
    Flag::text("template", "Template string or path to template file to use when -o=go-template, -o=go-template-file."),
];
pub const DRY_RUN: &[Flag] = &[Flag::new(
    "dry-run",
    '\0',
    FlagKind::Optional("unchanged"),
    "none",
    "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
)];
pub const VALIDATE: &[Flag] = &[
    Flag::new("validate", '\0', FlagKind::Optional("strict"), "strict", "Must be one of: strict (or true), warn, ignore (or false)."),
    Flag::text("field-manager", "Name of the manager used to track field ownership."),
];
pub const TIMEOUT: &[Flag] = &[Flag::new(
    "timeout",
    '\0',
    FlagKind::Duration,
    "0s",
    "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
)];
pub const DESCRIBE: &[Flag] = &[
    Flag::new("show-events", '\0', FlagKind::Bool, "true", "If true, display events related to the described object."),
    Flag::new("chunk-size", '\0', FlagKind::Int, "500", "Return large lists in chunks rather than all at once. Pass 0 to disable."),
];
pub const EVENTS: &[Flag] = &[
    Flag::text("for", "Filter events to only those pertaining to the specified resource."),
    Flag::list("types", "Output only events of given types."),
    Flag::bool("watch", "After listing the requested events, watch for more events.").short('w'),
];
pub const API_RESOURCES: &[Flag] = &[
    Flag::text("api-group", "Limit to resources in the specified API group."),
    Flag::new(
        "namespaced",
        '\0',
        FlagKind::Bool,
        "true",
        "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
    ),
    Flag::text("output", "Output format. One of: (json, yaml, name, wide).").short('o'),
    Flag::bool("cached", "Use the cached list of resources if available."),
    Flag::text("sort-by", "If non-empty, sort list of resources using specified field. One of (name, kind)."),
];
pub const EXPLAIN: &[Flag] = &[
    Flag::text("api-version", "Use given api-version (group/version) of the resource."),
    Flag::new(
        "output",
        '\0',
        FlagKind::Text,
        "plaintext",
        "Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).",
    ),
    Flag::bool("recursive", "When true, print the name of all the fields recursively. Otherwise, print the available fields with their description."),
];
pub const DELETE: &[Flag] = &[
    Flag::bool("all", "Delete all resources, in the namespace of the specified resource types."),
    Flag::new(
        "cascade",
        '\0',
        FlagKind::Optional("background"),
        "background",
        "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents.",
    ),
    Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::new(
        "grace-period",
        '\0',
        FlagKind::Int,
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).",
    ),
    Flag::bool("ignore-not-found", "Treat \"resource not found\" as a successful delete."),
    Flag::bool("interactive", "If true, delete resource only when user confirms.").short('i'),
    Flag::bool("now", "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
    Flag::text("output", "Output mode. Use \"-o name\" for shorter output (resource/name).").short('o'),
    Flag::text("raw", "Raw URI to DELETE to the server."),
    Flag::new("wait", '\0', FlagKind::Bool, "true", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];
pub const APPLY: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types."),
    Flag::new("cascade", '\0', FlagKind::Optional("background"), "background", "Must be \"background\", \"orphan\", or \"foreground\"."),
    Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    Flag::new("grace-period", '\0', FlagKind::Int, "-1", "Period of time in seconds given to the resource to terminate gracefully."),
    Flag::new(
        "openapi-patch",
        '\0',
        FlagKind::Bool,
        "true",
        "If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec.",
    ),
    Flag::new(
        "overwrite",
        '\0',
        FlagKind::Bool,
        "true",
        "Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration",
    ),
    Flag::bool(
        "prune",
        "Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config.",
    ),
    Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
    Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];
pub const WAIT: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
    Flag::text(
        "for",
        "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
    ),
    Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
    Flag::new(
        "timeout",
        '\0',
        FlagKind::Duration,
        "30s",
        "The length of time to wait before giving up.  Zero means check once and don't wait, negative means wait for a week.",
    ),
];
pub const SAVE_CONFIG: &[Flag] = &[Flag::bool("save-config", "If true, the configuration of current object will be saved in its annotation.")];
pub const CREATE: &[Flag] = &[
    Flag::bool("edit", "Edit the API resource before creating"),
    Flag::text("raw", "Raw URI to POST to the server."),
    Flag::bool("windows-line-endings", "Defaults to the line ending native to your platform."),
];
pub const DATA: &[Flag] = &[
    Flag::bool("append-hash", "Append a hash of the configmap to its name."),
    Flag::new("from-env-file", '\0', FlagKind::Array, "", "Specify the path to a file to read lines of key=val pairs."),
    Flag::new(
        "from-file",
        '\0',
        FlagKind::Array,
        "",
        "Key file can be specified using its file path, in which case file basename will be used as configmap key.",
    ),
    Flag::new("from-literal", '\0', FlagKind::Array, "", "Specify a key and literal value to insert in configmap (i.e. mykey=somevalue)"),
];
pub const SECRET: &[Flag] = &[Flag::text("type", "The type of secret to create")];
pub const DOCKER_REGISTRY: &[Flag] = &[
    Flag::text("docker-email", "Email for Docker registry"),
    Flag::text("docker-password", "Password for Docker registry authentication"),
    Flag::new("docker-server", '\0', FlagKind::Text, "https://index.docker.io/v1/", "Server location for Docker registry"),
    Flag::text("docker-username", "Username for Docker registry authentication"),
];
pub const TLS: &[Flag] =
    &[Flag::text("cert", "Path to PEM encoded public key certificate."), Flag::text("key", "Path to private key associated with given certificate.")];
pub const DISRUPTION_BUDGET: &[Flag] = &[
    Flag::text("max-unavailable", "The maximum number or percentage of unavailable pods this budget requires."),
    Flag::text("min-available", "The minimum number or percentage of available pods this budget requires."),
    Flag::text("selector", "A label selector to use for this budget. Only equality-based selector requirements are supported."),
];
pub const CREATE_DEPLOYMENT: &[Flag] = &[
    Flag::list("image", "Image names to run.").required(),
    Flag::new("port", '\0', FlagKind::Int, "-1", "The containerPort that this deployment exposes."),
    Flag::new("replicas", '\0', FlagKind::Int, "1", "Number of replicas to create.").short('r'),
];
pub const CREATE_CRON_JOB: &[Flag] = &[
    Flag::text("image", "Image name to run.").required(),
    Flag::text("schedule", "A schedule in the Cron format the job should be run with.").required(),
    Flag::text("restart", "job's restart policy. supported values: OnFailure, Never"),
];
pub const CREATE_SERVICE: &[Flag] = &[
    Flag::list("tcp", "Port pairs can be specified as '<port>:<targetPort>'."),
    Flag::text("clusterip", "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing)."),
    Flag::text("external-name", "External name of service"),
    Flag::new("node-port", '\0', FlagKind::Int, "0", "Port used to expose the service on each node in a cluster."),
];
pub const EXPOSE: &[Flag] = &[
    Flag::text("cluster-ip", "ClusterIP to be assigned to the service."),
    Flag::text("external-ip", "Additional external IP address (not managed by Kubernetes) to accept for the service."),
    Flag::text("labels", "Labels to apply to the service created by this call.").short('l'),
    Flag::text("load-balancer-ip", "IP to assign to the LoadBalancer."),
    Flag::text("name", "The name for the newly created object."),
    Flag::text("overrides", "An inline JSON override for the generated object."),
    Flag::text("port", "The port that the service should serve on."),
    Flag::text("protocol", "The network protocol for the service to be created."),
    Flag::text("selector", "A label selector to use for this service."),
    Flag::text("session-affinity", "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'"),
    Flag::text("target-port", "Name or number for the port on the container that the service should direct traffic to."),
    Flag::text("type", "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName."),
];
pub const SET: &[Flag] = &[
    Flag::bool("all", "If true, select all resources in the namespace of the specified resource types"),
    Flag::bool("local", "If true, set will NOT contact api-server but run locally."),
];
pub const SET_ENV: &[Flag] = &[
    Flag::text("containers", "The names of containers in the selected pod templates to change").short('c'),
    Flag::new("env", '\0', FlagKind::Array, "", "Specify a key-value pair for an environment variable to set into each container.").short('e'),
    Flag::text("from", "The name of a resource from which to inject environment variables"),
    Flag::list("keys", "Comma-separated list of keys to import from specified resource"),
    Flag::bool("list", "If true, display the environment and any changes in the standard format."),
    Flag::new("overwrite", '\0', FlagKind::Bool, "true", "If true, allow environment to be overwritten"),
    Flag::text("prefix", "Prefix to append to variable names"),
    Flag::bool("resolve", "If true, show secret or configmap references when listing variables"),
];
pub const SET_RESOURCES: &[Flag] = &[
    Flag::text("containers", "The names of containers in the selected pod templates to change").short('c'),
    Flag::text("limits", "The resource requirement requests for this container."),
    Flag::text("requests", "The resource requirement requests for this container."),
];
pub const PATCH: &[Flag] = &[
    Flag::bool("local", "If true, patch will operate on the content of the file, not the server-side resource."),
    Flag::text("patch", "The patch to be applied to the resource JSON file.").short('p'),
    Flag::text("patch-file", "A file containing a patch to be applied to the resource."),
    Flag::text("subresource", "If specified, patch will operate on the subresource of the requested object."),
    Flag::new("type", '\0', FlagKind::Text, "strategic", "The type of patch being provided; one of [json merge strategic]"),
];
pub const REPLACE: &[Flag] = &[
    Flag::text("cascade", "Must be 'background', 'orphan', or 'foreground'."),
    Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::new("grace-period", '\0', FlagKind::Int, "-1", "Period of time in seconds given to the resource to terminate gracefully."),
    Flag::text("subresource", "If specified, replace will operate on the subresource of the requested object."),
    Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];
pub const SCALE: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
    Flag::new("current-replicas", '\0', FlagKind::Int, "-1", "Precondition for current size."),
    Flag::new("replicas", '\0', FlagKind::Int, "0", "The new desired number of replicas. Required.").required(),
    Flag::text("resource-version", "Precondition for resource version."),
    Flag::new("timeout", '\0', FlagKind::Duration, "0s", "The length of time to wait before giving up on a scale operation, zero means don't wait."),
];
pub const AUTOSCALE: &[Flag] = &[
    Flag::text("cpu", "Target CPU utilization over all the pods."),
    Flag::new("cpu-percent", '\0', FlagKind::Int, "-1", "The target average CPU utilization."),
    Flag::new("max", '\0', FlagKind::Int, "-1", "The upper limit for the number of pods that can be set by the autoscaler. Required.").required(),
    Flag::new("min", '\0', FlagKind::Int, "-1", "The lower limit for the number of pods that can be set by the autoscaler."),
    Flag::text("name", "The name for the newly created object."),
];
pub const TOP: &[Flag] = &[
    Flag::bool("containers", "If present, print usage of containers within a pod."),
    Flag::text("sort-by", "If non-empty, sort list using specified field."),
    Flag::bool("sum", "Print the sum of the resource usage"),
];
pub const ADDRESS: &[Flag] = &[
    Flag::list("address", "Addresses to listen on (comma separated)."),
    Flag::new("pod-running-timeout", '\0', FlagKind::Duration, "1m0s", "The length of time to wait until at least one pod is running"),
];
pub const PROXY: &[Flag] = &[Flag::new("port", '\0', FlagKind::Int, "8001", "The port on which to run the proxy.").short('p')];
pub const CAN_I: &[Flag] = &[
    Flag::bool("list", "If true, prints all allowed actions."),
    Flag::bool("quiet", "If true, suppress output and just return the exit code.").short('q'),
    Flag::text("subresource", "SubResource such as pod/log or deployment/scale"),
];
pub const DEBUG: &[Flag] = &[
    Flag::text("image", "Container image to use for debug container."),
    Flag::text("target", "When using an ephemeral container, target processes in this container name."),
    Flag::bool("stdin", "Keep stdin open on the container(s) in the pod.").short('i'),
    Flag::bool("tty", "Allocate a TTY for the debugging container.").short('t'),
    Flag::text("container", "Container name to use for debug container.").short('c'),
    Flag::text("copy-to", "Create a copy of the target Pod with this name."),
    Flag::text("profile", "Options are 'legacy', 'general', 'baseline', 'netadmin', 'restricted' or 'sysadmin'."),
];
pub const LABEL: &[Flag] = &[
    Flag::bool("all", "Select all resources, in the namespace of the specified resource types"),
    Flag::bool("list", "If true, display the labels for a given resource."),
    Flag::bool("local", "If true, label will NOT contact api-server but run locally."),
    Flag::bool("overwrite", "If true, allow labels to be overwritten, otherwise reject label updates that overwrite existing labels."),
    Flag::text("resource-version", "If non-empty, the labels update will only succeed if this is the current resource-version for the object."),
];
pub const VERSION: &[Flag] = &[Flag::bool("client", "If true, shows client version only (no server required).")];
pub const ROLLOUT_STATUS: &[Flag] = &[
    Flag::new("revision", '\0', FlagKind::Int, "0", "Pin to a specific revision for showing its status. Defaults to 0 (last revision)."),
    Flag::new("watch", '\0', FlagKind::Bool, "true", "Watch the status of the rollout until it's done.").short('w'),
];
pub const ROLLOUT_UNDO: &[Flag] = &[Flag::new("to-revision", '\0', FlagKind::Int, "0", "The revision to rollback to. Default to 0 (last revision).")];
pub const DRAIN: &[Flag] = &[
    Flag::new("chunk-size", '\0', FlagKind::Int, "500", "Return large lists in chunks rather than all at once."),
    Flag::bool("delete-emptydir-data", "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained)."),
    Flag::bool("disable-eviction", "Force drain to use delete, even if eviction is supported."),
    Flag::bool("force", "Continue even if there are pods that do not declare a controller."),
    Flag::new("grace-period", '\0', FlagKind::Int, "-1", "Period of time in seconds given to each pod to terminate gracefully."),
    Flag::bool("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
    Flag::text("pod-selector", "Label selector to filter pods on the node"),
    Flag::new("skip-wait-for-delete-timeout", '\0', FlagKind::Int, "0", "If pod DeletionTimestamp older than N seconds, skip waiting for the pod."),
    Flag::new("timeout", '\0', FlagKind::Duration, "0s", "The length of time to wait before giving up, zero means infinite"),
];
pub const TAINT: &[Flag] = &[
    Flag::bool("all", "Select all nodes in the cluster"),
    Flag::bool("overwrite", "If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints."),
];
pub const STDIN: &[Flag] = &[
    Flag::bool("stdin", "Pass stdin to the container.").short('i'),
    Flag::bool("tty", "Stdin is a TTY.").short('t'),
    Flag::bool("quiet", "Only print output from the remote session.").short('q'),
    Flag::new("pod-running-timeout", '\0', FlagKind::Duration, "1m0s", "The length of time to wait until at least one pod is running"),
];
pub const EXEC: &[Flag] = &[
    Flag::text("container", "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen").short('c'),
];
pub const RUN: &[Flag] = &[
    Flag::new("annotations", '\0', FlagKind::Array, "", "Annotations to apply to the pod."),
    Flag::bool("attach", "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called."),
    Flag::bool(
        "command",
        "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
    ),
    Flag::new("env", '\0', FlagKind::Array, "", "Environment variables to set in the container."),
    Flag::bool("expose", "If true, create a ClusterIP service associated with the pod.  Requires --port."),
    Flag::text("image", "The image for the container to run.").required(),
    Flag::text("image-pull-policy", "The image pull policy for the container."),
    Flag::text("labels", "Comma separated labels to apply to the pod. Will override previous values.").short('l'),
    Flag::text("override-type", "The method used to override the generated object: json, merge, or strategic."),
    Flag::text("overrides", "An inline JSON override for the generated object."),
    Flag::text("port", "The port that this container exposes."),
    Flag::bool("privileged", "If true, run the container in privileged mode."),
    Flag::text("restart", "The restart policy for this Pod.  Legal values [Always, OnFailure, Never]."),
    Flag::bool("rm", "If true, delete the pod after it exits.  Only valid when attaching to the container."),
    Flag::bool("leave-stdin-open", "If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes."),
];
pub const DELETE_OF_RUN: &[Flag] = &[
    Flag::bool("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::new("grace-period", '\0', FlagKind::Int, "-1", "Period of time in seconds given to the resource to terminate gracefully."),
    Flag::new("timeout", '\0', FlagKind::Duration, "0s", "The length of time to wait before giving up on a delete"),
    Flag::bool("wait", "If true, wait for resources to be gone before returning."),
];
pub const LOGS: &[Flag] = &[
    Flag::bool("all-containers", "Get all containers' logs in the pod(s)."),
    Flag::bool("all-pods", "Get logs from all pod(s). Sets prefix to true."),
    Flag::text("container", "Print the logs of this container").short('c'),
    Flag::bool("follow", "Specify if the logs should be streamed.").short('f'),
    Flag::bool("ignore-errors", "If watching / following pod logs, allow for any errors that occur to be non-fatal"),
    Flag::bool("insecure-skip-tls-verify-backend", "Skip verifying the identity of the kubelet that logs are requested from."),
    Flag::new("limit-bytes", '\0', FlagKind::Int, "0", "Maximum bytes of logs to return. Defaults to no limit."),
    Flag::new(
        "max-log-requests",
        '\0',
        FlagKind::Int,
        "5",
        "Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.",
    ),
    Flag::new("pod-running-timeout", '\0', FlagKind::Duration, "20s", "The length of time to wait until at least one pod is running"),
    Flag::bool("prefix", "Prefix each log line with the log source (pod name and container name)"),
    Flag::bool("previous", "If true, print the logs for the previous instance of the container in a pod if it exists.").short('p'),
    Flag::new("since", '\0', FlagKind::Duration, "0s", "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs."),
    Flag::text("since-time", "Only return logs after a specific date (RFC3339). Defaults to all logs."),
    Flag::new(
        "tail",
        '\0',
        FlagKind::Int,
        "-1",
        "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
    ),
    Flag::bool("timestamps", "Include timestamps on each line in the log output"),
];
pub const EDIT: &[Flag] = &[
    Flag::bool("output-patch", "Output the patch if the resource is edited."),
    Flag::text("subresource", "If specified, edit will operate on the subresource of the requested object."),
    Flag::bool("windows-line-endings", "Defaults to the line ending native to your platform."),
];
pub const DIFF: &[Flag] = &[
    Flag::new("concurrency", '\0', FlagKind::Int, "1", "Number of objects to process in parallel when diffing against the live version."),
    Flag::text("field-manager", "Name of the manager used to track field ownership."),
    Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    Flag::bool("prune", "Include resources that would be deleted by pruning."),
    Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
    Flag::bool("show-managed-fields", "If true, include managed fields in the diff."),
];
pub const CP: &[Flag] = &[
    Flag::bool("no-preserve", "The copied file/directory's ownership and permissions will not be preserved in the container"),
    Flag::new("retries", '\0', FlagKind::Int, "0", "Set number of retries to complete a copy operation from a container."),
];
/// `get` only.
pub const GET: &[Flag] = &[
    Flag::new("chunk-size", '\0', FlagKind::Int, "500", "Return large lists in chunks rather than all at once. Pass 0 to disable."),
    Flag::bool("ignore-not-found", "If set to true, suppresses NotFound error for specific objects that do not exist."),
    Flag::list("label-columns", "Accepts a comma separated list of labels that are going to be presented as columns.").short('L'),
    Flag::bool("output-watch-events", "Output watch event objects when --watch or --watch-only is used."),
    Flag::text("raw", "Raw URI to request from the server."),
    Flag::new("server-print", '\0', FlagKind::Bool, "true", "If true, have the server return the appropriate table output."),
    Flag::bool("show-kind", "If present, list the resource type for the requested object(s)."),
    Flag::bool("show-labels", "When printing, show all labels as the last column (default hide labels column)"),
    Flag::text("sort-by", "If non-empty, sort list types using this field specification."),
    Flag::text("subresource", "If specified, gets the subresource of the requested object."),
    Flag::bool("watch", "After listing/getting the requested object, watch for changes.").short('w'),
    Flag::bool("watch-only", "Watch for changes to the requested object(s), without listing/getting first."),
];
pub const NO_HEADERS: &[Flag] =
    &[Flag::bool("no-headers", "When using the default or custom-column output format, don't print headers (default print headers).")];
pub const CREATE_JOB: &[Flag] =
    &[Flag::text("from", "The name of the resource to create a Job from (only cronjob is supported)."), Flag::text("image", "Image name to run.")];
pub const ROLLOUT_HISTORY: &[Flag] =
    &[Flag::new("revision", '\0', FlagKind::Int, "0", "See the details, including podTemplate of the revision specified")];
