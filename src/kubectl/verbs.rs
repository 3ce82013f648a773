//! The table of verbs: names, flags, examples, functions.

use super::args::{self, Flag, Flags};
use super::flags::*;
use super::{
    Command, Ran, apply, change, config, cp, create, delete, describe, edit, events, exec, explain, get, logs, misc, node, replace, rollout, set,
    wait,
};

/// One command, such as `get` or `rollout status`.
pub struct Verb {
    /// The words behind `kubectl`.
    pub name: &'static str,
    /// Other names of its last word.
    pub aliases: &'static [&'static str],
    /// The group of `kubectl --help`; empty: not listed there.
    pub group: &'static str,
    /// Behind `kubectl ` in its help.
    pub usage: &'static str,
    /// One sentence.
    pub short: &'static str,
    pub flags: Flags,
    /// Whether `-o json` prints Go's structs, whose fields are in no order of names.
    pub typed: bool,
    pub examples: &'static str,
    pub run: fn(&mut Command<'_, '_>) -> Ran,
}

const BASE: Verb = Verb { name: "", aliases: &[], group: "", usage: "", short: "", flags: &[], typed: false, examples: "", run: group };

const INTERMEDIATE: &str = "Basic Commands (Intermediate)";
const BEGINNER: &str = "Basic Commands (Beginner)";
const DEPLOY: &str = "Deploy Commands";
const CLUSTER: &str = "Cluster Management Commands";
const DEBUGGING: &str = "Troubleshooting and Debugging Commands";
const OTHER: &str = "Other Commands";
const ADVANCED: &str = "Advanced Commands";
const SETTINGS: &str = "Settings Commands";

/// Every verb, in the order in which kubectl adds them (its suggestions follow it).
pub const VERBS: &[Verb] = &[
    Verb {
        name: "create",
        group: BEGINNER,
        usage: "create -f FILENAME [options]",
        short: "Create a resource from a file or from stdin",
        flags: &[FILES, SELECTOR, OUTPUT, DRY_RUN, VALIDATE, SAVE_CONFIG, CREATE],
        examples: "# Create a pod using the data in pod.json\nkubectl create -f ./pod.json\n\n# Create a pod based on the JSON passed into stdin\ncat pod.json | kubectl create -f -",
        run: create::run,
        ..BASE
    },
    Verb {
        name: "create configmap",
        aliases: &["cm"],
        usage: "create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]",
        short: "Create a config map from a local file, directory or literal value",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, DATA],
        examples: "# Create a new config map named my-config with key1=config1 and key2=config2\nkubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2",
        run: create::config_map,
        ..BASE
    },
    Verb {
        name: "create cronjob",
        aliases: &["cj"],
        usage: "create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags] [options]",
        short: "Create a cron job with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_CRON_JOB],
        run: create::cron_job,
        ..BASE
    },
    Verb {
        name: "create deployment",
        aliases: &["deploy"],
        usage: "create deployment NAME --image=image -- [COMMAND] [args...] [options]",
        short: "Create a deployment with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_DEPLOYMENT],
        examples: "# Create a deployment named my-dep that runs the busybox image\nkubectl create deployment my-dep --image=busybox",
        run: create::deployment,
        ..BASE
    },
    Verb {
        name: "create job",
        usage: "create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]",
        short: "Create a job with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_JOB],
        examples: "# Create a job with a command\nkubectl create job my-job --image=busybox -- date",
        run: create::job,
        ..BASE
    },
    Verb {
        name: "create namespace",
        aliases: &["ns"],
        usage: "create namespace NAME [--dry-run=server|client|none] [options]",
        short: "Create a namespace with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG],
        examples: "# Create a new namespace named my-namespace\nkubectl create namespace my-namespace",
        run: create::namespace,
        ..BASE
    },
    Verb {
        name: "create secret",
        usage: "create secret (docker-registry | generic | tls) [options]",
        short: "Create a secret using a specified subcommand",
        ..BASE
    },
    Verb {
        name: "create secret generic",
        usage: "create secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]",
        short: "Create a secret from a local file, directory, or literal value",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, DATA, SECRET],
        run: create::secret_generic,
        ..BASE
    },
    Verb {
        name: "create secret docker-registry",
        usage: "create secret docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none] [options]",
        short: "Create a secret for use with a Docker registry",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, DOCKER_REGISTRY],
        run: create::secret_docker_registry,
        ..BASE
    },
    Verb {
        name: "create secret tls",
        usage: "create secret tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none] [options]",
        short: "Create a TLS secret",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, TLS],
        run: create::secret_tls,
        ..BASE
    },
    Verb {
        name: "create poddisruptionbudget",
        aliases: &["pdb"],
        usage: "create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]",
        short: "Create a pod disruption budget with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, DISRUPTION_BUDGET],
        run: create::disruption_budget,
        ..BASE
    },
    Verb {
        name: "create service",
        aliases: &["svc"],
        usage: "create service (clusterip | externalname | loadbalancer | nodeport) [options]",
        short: "Create a service using a specified subcommand",
        ..BASE
    },
    Verb {
        name: "create service clusterip",
        usage: "create service clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]",
        short: "Create a clusterip service",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_SERVICE],
        run: create::service,
        ..BASE
    },
    Verb {
        name: "create service externalname",
        usage: "create service externalname NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]",
        short: "Create a externalname service",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_SERVICE],
        run: create::service,
        ..BASE
    },
    Verb {
        name: "create service loadbalancer",
        usage: "create service loadbalancer NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]",
        short: "Create a loadbalancer service",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_SERVICE],
        run: create::service,
        ..BASE
    },
    Verb {
        name: "create service nodeport",
        usage: "create service nodeport NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]",
        short: "Create a nodeport service",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, CREATE_SERVICE],
        run: create::service,
        ..BASE
    },
    Verb {
        name: "create serviceaccount",
        aliases: &["sa"],
        usage: "create serviceaccount NAME [--dry-run=server|client|none] [options]",
        short: "Create a service account with the specified name",
        flags: &[DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG],
        run: create::service_account,
        ..BASE
    },
    Verb {
        name: "expose",
        group: BEGINNER,
        usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]",
        short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
        flags: &[FILES, DRY_RUN, OUTPUT, EXPOSE],
        run: create::expose,
        ..BASE
    },
    Verb {
        name: "run",
        group: BEGINNER,
        usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]",
        short: "Run a particular image on the cluster",
        flags: &[DRY_RUN, OUTPUT, SAVE_CONFIG, STDIN, RUN, DELETE_OF_RUN],
        examples: "# Start a nginx pod\nkubectl run nginx --image=nginx\n\n# Start a busybox pod and keep it in the foreground, don't restart it if it exits\nkubectl run -i -t busybox --image=busybox --restart=Never",
        run: exec::run_pod,
        ..BASE
    },
    Verb { name: "set", group: BEGINNER, usage: "set SUBCOMMAND [options]", short: "Set specific features on objects", ..BASE },
    Verb {
        name: "set env",
        usage: "set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]",
        short: "Update environment variables on a pod template",
        flags: &[FILES, SELECTOR, DRY_RUN, OUTPUT, SET, SET_ENV],
        run: set::env,
        ..BASE
    },
    Verb {
        name: "set image",
        usage: "set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]",
        short: "Update the image of a pod template",
        flags: &[FILES, SELECTOR, DRY_RUN, OUTPUT, SET],
        examples: "# Set a deployment's nginx container image to 'nginx:1.9.1'\nkubectl set image deployment/nginx nginx=nginx:1.9.1",
        run: set::image,
        ..BASE
    },
    Verb {
        name: "set resources",
        usage: "set resources (-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS] [options]",
        short: "Update resource requests/limits on objects with pod templates",
        flags: &[FILES, SELECTOR, DRY_RUN, OUTPUT, SET, SET_RESOURCES],
        run: set::resources,
        ..BASE
    },
    Verb {
        name: "explain",
        group: INTERMEDIATE,
        usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2] [options]",
        short: "Get documentation for a resource",
        flags: &[EXPLAIN],
        examples: "# Get the documentation of the resource and its fields\nkubectl explain pods\n\n# Get all the fields in the resource\nkubectl explain pods --recursive\n\n# Get the documentation of a specific field of a resource\nkubectl explain pods.spec.containers",
        run: explain::run,
        ..BASE
    },
    Verb {
        name: "get",
        group: INTERMEDIATE,
        usage: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]",
        short: "Display one or many resources",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, OUTPUT, NO_HEADERS, GET],
        examples: "# List all pods in ps output format\nkubectl get pods\n\n# List all pods in ps output format with more information (such as node name)\nkubectl get pods -o wide\n\n# List a single pod in JSON output format\nkubectl get -o json pod web-pod-13je7",
        run: get::run,
        ..BASE
    },
    Verb {
        name: "edit",
        group: INTERMEDIATE,
        usage: "edit (RESOURCE/NAME | -f FILENAME) [options]",
        short: "Edit a resource on the server",
        flags: &[FILES, OUTPUT, VALIDATE, SAVE_CONFIG, EDIT],
        run: edit::run,
        ..BASE
    },
    Verb {
        name: "delete",
        group: INTERMEDIATE,
        usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]",
        short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, DRY_RUN, DELETE, TIMEOUT],
        examples: "# Delete a pod using the type and name specified in pod.json\nkubectl delete -f ./pod.json\n\n# Delete pods and services with same names \"baz\" and \"foo\"\nkubectl delete pod,service baz foo\n\n# Delete a pod with minimal delay\nkubectl delete pod foo --now\n\n# Delete all pods\nkubectl delete pods --all",
        run: delete::run,
        ..BASE
    },
    Verb {
        name: "rollout",
        group: DEPLOY,
        usage: "rollout SUBCOMMAND [options]",
        short: "Manage the rollout of a resource",
        examples: "# Rollback to the previous deployment\nkubectl rollout undo deployment/abc\n\n# Check the rollout status of a daemonset\nkubectl rollout status daemonset/foo\n\n# Restart a deployment\nkubectl rollout restart deployment/abc",
        ..BASE
    },
    Verb {
        name: "rollout history",
        usage: "rollout history (TYPE NAME | TYPE/NAME) [flags] [options]",
        short: "View rollout history",
        flags: &[FILES, SELECTOR, OUTPUT, ROLLOUT_HISTORY],
        run: rollout::history,
        ..BASE
    },
    Verb {
        name: "rollout pause",
        usage: "rollout pause RESOURCE [options]",
        short: "Mark the provided resource as paused",
        flags: &[FILES, SELECTOR, OUTPUT],
        run: rollout::pause,
        ..BASE
    },
    Verb {
        name: "rollout restart",
        usage: "rollout restart RESOURCE [options]",
        short: "Restart a resource",
        flags: &[FILES, SELECTOR, OUTPUT],
        run: rollout::restart,
        ..BASE
    },
    Verb {
        name: "rollout resume",
        usage: "rollout resume RESOURCE [options]",
        short: "Resume a paused resource",
        flags: &[FILES, SELECTOR, OUTPUT],
        run: rollout::resume,
        ..BASE
    },
    Verb {
        name: "rollout status",
        usage: "rollout status (TYPE NAME | TYPE/NAME) [flags] [options]",
        short: "Show the status of the rollout",
        flags: &[FILES, SELECTOR, TIMEOUT, ROLLOUT_STATUS],
        run: rollout::status,
        ..BASE
    },
    Verb {
        name: "rollout undo",
        usage: "rollout undo (TYPE NAME | TYPE/NAME) [flags] [options]",
        short: "Undo a previous rollout",
        flags: &[FILES, SELECTOR, OUTPUT, DRY_RUN, ROLLOUT_UNDO],
        run: rollout::undo,
        ..BASE
    },
    Verb {
        name: "scale",
        group: DEPLOY,
        usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]",
        short: "Set a new size for a deployment, replica set, or replication controller",
        flags: &[FILES, SELECTOR, DRY_RUN, OUTPUT, SCALE],
        examples: "# Scale a replica set named 'foo' to 3\nkubectl scale --replicas=3 rs/foo",
        run: change::scale,
        ..BASE
    },
    Verb {
        name: "autoscale",
        group: DEPLOY,
        usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [options]",
        short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
        flags: &[FILES, DRY_RUN, OUTPUT, AUTOSCALE],
        run: create::autoscale,
        ..BASE
    },
    Verb {
        name: "cluster-info",
        group: CLUSTER,
        usage: "cluster-info [flags] [options]",
        short: "Display cluster information",
        run: misc::cluster_info,
        ..BASE
    },
    Verb { name: "top", group: CLUSTER, usage: "top [flags] [options]", short: "Display resource (CPU/memory) usage", ..BASE },
    Verb {
        name: "top node",
        aliases: &["nodes", "no"],
        usage: "top node [NAME | -l label] [options]",
        short: "Display resource (CPU/memory) usage of nodes",
        flags: &[SELECTOR, NO_HEADERS, TOP],
        run: misc::top,
        ..BASE
    },
    Verb {
        name: "top pod",
        aliases: &["pods", "po"],
        usage: "top pod [NAME | -l label] [options]",
        short: "Display resource (CPU/memory) usage of pods",
        flags: &[SELECTOR, FIELD_SELECTOR, EVERYWHERE, NO_HEADERS, TOP],
        run: misc::top,
        ..BASE
    },
    Verb {
        name: "cordon",
        group: CLUSTER,
        usage: "cordon NODE [options]",
        short: "Mark node as unschedulable",
        flags: &[SELECTOR, DRY_RUN],
        run: node::cordon,
        ..BASE
    },
    Verb {
        name: "uncordon",
        group: CLUSTER,
        usage: "uncordon NODE [options]",
        short: "Mark node as schedulable",
        flags: &[SELECTOR, DRY_RUN],
        run: node::cordon,
        ..BASE
    },
    Verb {
        name: "drain",
        group: CLUSTER,
        usage: "drain NODE [options]",
        short: "Drain node in preparation for maintenance",
        flags: &[SELECTOR, DRY_RUN, DRAIN],
        examples: "# Drain node \"foo\", even if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set on it\nkubectl drain foo --force",
        run: node::drain,
        ..BASE
    },
    Verb {
        name: "taint",
        group: CLUSTER,
        usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]",
        short: "Update the taints on one or more nodes",
        flags: &[SELECTOR, DRY_RUN, OUTPUT, TAINT],
        examples: "# Update node 'foo' with a taint with key 'dedicated' and value 'special-user' and effect 'NoSchedule'\nkubectl taint nodes foo dedicated=special-user:NoSchedule",
        run: node::taint,
        ..BASE
    },
    Verb {
        name: "events",
        group: DEBUGGING,
        usage: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]",
        short: "List events",
        flags: &[EVERYWHERE, OUTPUT, NO_HEADERS, EVENTS],
        examples: "# List recent events in the default namespace\nkubectl events\n\n# List recent events in all namespaces\nkubectl events --all-namespaces\n\n# List recent events for the specified pod\nkubectl events --for pod/web-pod-13je7",
        run: events::run,
        ..BASE
    },
    Verb {
        name: "api-resources",
        group: OTHER,
        usage: "api-resources [options]",
        short: "Print the supported API resources on the server",
        flags: &[NO_HEADERS, API_RESOURCES],
        examples: "# Print the supported API resources\nkubectl api-resources\n\n# Print the supported namespaced resources\nkubectl api-resources --namespaced=true",
        run: events::api_resources,
        ..BASE
    },
    Verb {
        name: "describe",
        group: DEBUGGING,
        usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]",
        short: "Show details of a specific resource or group of resources",
        flags: &[FILES, SELECTOR, EVERYWHERE, DESCRIBE],
        examples: "# Describe a node\nkubectl describe nodes kubernetes-node-emt8.c.myproject.internal\n\n# Describe a pod\nkubectl describe pods/nginx\n\n# Describe all pods\nkubectl describe pods",
        run: describe::run,
        ..BASE
    },
    Verb {
        name: "logs",
        group: DEBUGGING,
        usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]",
        short: "Print the logs for a container in a pod",
        flags: &[SELECTOR, LOGS],
        examples: "# Return snapshot logs from pod nginx with only one container\nkubectl logs nginx\n\n# Return snapshot of previous terminated ruby container logs from pod web-1\nkubectl logs -p -c ruby web-1",
        run: logs::run,
        ..BASE
    },
    Verb {
        name: "attach",
        group: DEBUGGING,
        usage: "attach (POD | TYPE/NAME) -c CONTAINER [options]",
        short: "Attach to a running container",
        flags: &[STDIN, EXEC],
        run: exec::attach,
        ..BASE
    },
    Verb {
        name: "exec",
        group: DEBUGGING,
        usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]",
        short: "Execute a command in a container",
        flags: &[FILES, STDIN, EXEC],
        examples: "# Get output from running the 'date' command from pod mypod, using the first container by default\nkubectl exec mypod -- date\n\n# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod\nkubectl exec mypod -c ruby-container -i -t -- bash -il",
        run: exec::run_exec,
        ..BASE
    },
    Verb {
        name: "port-forward",
        group: DEBUGGING,
        usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
        short: "Forward one or more local ports to a pod",
        flags: &[ADDRESS],
        run: misc::not_simulated,
        ..BASE
    },
    Verb {
        name: "proxy",
        group: DEBUGGING,
        usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix] [options]",
        short: "Run a proxy to the Kubernetes API server",
        flags: &[ADDRESS, PROXY],
        run: misc::not_simulated,
        ..BASE
    },
    Verb {
        name: "cp",
        group: DEBUGGING,
        usage: "cp <file-spec-src> <file-spec-dest> [options]",
        short: "Copy files and directories to and from containers",
        flags: &[EXEC, CP],
        examples: "# Copy /tmp/foo local file to /tmp/bar in a remote pod in namespace <some-namespace>\nkubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar\n\n# Copy /tmp/foo from a remote pod to /tmp/bar locally\nkubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar",
        run: cp::run,
        ..BASE
    },
    Verb { name: "auth", group: DEBUGGING, usage: "auth [flags] [options]", short: "Inspect authorization", ..BASE },
    Verb {
        name: "auth can-i",
        usage: "auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]",
        short: "Check whether an action is allowed",
        flags: &[EVERYWHERE, NO_HEADERS, CAN_I],
        run: misc::can_i,
        ..BASE
    },
    Verb {
        name: "auth whoami",
        usage: "auth whoami [options]",
        short: "Experimental: Check self subject attributes",
        flags: &[OUTPUT],
        run: misc::who_am_i,
        ..BASE
    },
    Verb {
        name: "debug",
        group: DEBUGGING,
        usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]",
        short: "Create debugging sessions for troubleshooting workloads and nodes",
        flags: &[DEBUG],
        run: misc::not_simulated,
        ..BASE
    },
    Verb {
        name: "diff",
        group: ADVANCED,
        usage: "diff -f FILENAME [options]",
        short: "Diff the live version against a would-be applied version",
        flags: &[FILES, SELECTOR, DIFF],
        run: edit::diff,
        ..BASE
    },
    Verb {
        name: "apply",
        group: ADVANCED,
        usage: "apply (-f FILENAME | -k DIRECTORY) [options]",
        short: "Apply a configuration to a resource by file name or stdin",
        flags: &[FILES, SELECTOR, OUTPUT, DRY_RUN, VALIDATE, APPLY, TIMEOUT],
        examples: "# Apply the configuration in pod.json to a pod\nkubectl apply -f ./pod.json\n\n# Apply the JSON passed into stdin to a pod\ncat pod.json | kubectl apply -f -",
        run: apply::run,
        ..BASE
    },
    Verb {
        name: "patch",
        group: ADVANCED,
        usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]",
        short: "Update fields of a resource",
        flags: &[FILES, DRY_RUN, OUTPUT, PATCH],
        examples: "# Partially update a node using a strategic merge patch\nkubectl patch node k8s-node-1 -p '{\"spec\":{\"unschedulable\":true}}'",
        run: change::patch,
        ..BASE
    },
    Verb {
        name: "replace",
        group: ADVANCED,
        usage: "replace -f FILENAME [options]",
        short: "Replace a resource by file name or stdin",
        flags: &[FILES, DRY_RUN, OUTPUT, VALIDATE, SAVE_CONFIG, REPLACE, TIMEOUT],
        run: replace::run,
        ..BASE
    },
    Verb {
        name: "wait",
        group: ADVANCED,
        usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
        short: "Experimental: Wait for a specific condition on one or many resources",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, OUTPUT, WAIT],
        examples: "# Wait for the pod \"busybox1\" to contain the status condition of type \"Ready\"\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Wait for the pod \"busybox1\" to be deleted, with a timeout of 60s\nkubectl wait --for=delete pod/busybox1 --timeout=60s\n\n# Wait for a claim to be bound\nkubectl wait --for=jsonpath='{.status.phase}'=Bound pvc/data",
        run: wait::run,
        ..BASE
    },
    Verb {
        name: "label",
        group: SETTINGS,
        usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]",
        short: "Update the labels on a resource",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, DRY_RUN, OUTPUT, LABEL],
        run: change::label,
        ..BASE
    },
    Verb {
        name: "annotate",
        group: SETTINGS,
        usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]",
        short: "Update the annotations on a resource",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, DRY_RUN, OUTPUT, LABEL],
        run: change::annotate,
        ..BASE
    },
    Verb {
        name: "completion",
        group: SETTINGS,
        usage: "completion SHELL [options]",
        short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
        run: misc::completion,
        ..BASE
    },
    Verb { name: "config", group: SETTINGS, usage: "config SUBCOMMAND [options]", short: "Modify kubeconfig files", ..BASE },
    Verb {
        name: "config current-context",
        usage: "config current-context [flags] [options]",
        short: "Display the current-context",
        run: config::current_context,
        ..BASE
    },
    Verb {
        name: "config get-clusters",
        usage: "config get-clusters [options]",
        short: "Display clusters defined in the kubeconfig",
        run: config::get_clusters,
        ..BASE
    },
    Verb {
        name: "config get-contexts",
        usage: "config get-contexts [(-o|--output=)name)] [options]",
        short: "Describe one or many contexts",
        flags: &[OUTPUT, NO_HEADERS],
        run: config::get_contexts,
        ..BASE
    },
    Verb {
        name: "config get-users",
        usage: "config get-users [options]",
        short: "Display users defined in the kubeconfig",
        run: config::get_users,
        ..BASE
    },
    Verb {
        name: "config set-context",
        usage: "config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace] [options]",
        short: "Set a context entry in kubeconfig",
        flags: &[&[Flag::bool("current", "Modify the current context")]],
        run: config::set_context,
        ..BASE
    },
    Verb {
        name: "config use-context",
        aliases: &["use"],
        usage: "config use-context CONTEXT_NAME [options]",
        short: "Set the current-context in a kubeconfig file",
        run: config::use_context,
        ..BASE
    },
    Verb {
        name: "config view",
        usage: "config view [flags] [options]",
        short: "Display merged kubeconfig settings or a specified kubeconfig file",
        flags: &[
            OUTPUT,
            &[
                Flag::bool("minify", "Remove all information not used by current-context from the output"),
                Flag::bool("raw", "Display raw byte data and sensitive data"),
                Flag::bool("flatten", "Flatten the resulting kubeconfig file into self-contained output"),
            ],
        ],
        run: config::view,
        ..BASE
    },
    Verb {
        name: "version",
        group: OTHER,
        usage: "version [flags] [options]",
        short: "Print the client and server version information",
        flags: &[OUTPUT, VERSION],
        run: misc::version,
        ..BASE
    },
    Verb {
        name: "api-versions",
        group: OTHER,
        usage: "api-versions [options]",
        short: "Print the supported API versions on the server, in the form of \"group/version\"",
        run: misc::api_versions,
        ..BASE
    },
    Verb { name: "options", usage: "options [options]", short: "Print the list of flags inherited by all commands", run: misc::options, ..BASE },
    Verb { name: "help", usage: "help [command] [options]", short: "Help about any command", run: misc::help, ..BASE },
];

/// What stands behind `kubectl` on a command line.
pub enum Found {
    /// A row, and the words that are not its name.
    Verb(&'static Verb, Vec<String>),
    /// No command at all.
    None,
    Unknown(String),
}

/// Whether a row is called so: `prefix` are the words of its name before the last.
fn is_called(verb: &Verb, parent: &str, word: &str) -> bool {
    let (before, last) = verb.name.rsplit_once(' ').unwrap_or(("", verb.name));
    before == parent && (last == word || verb.aliases.contains(&word))
}

/// Finds the row of a command line.
pub fn find(words: &[String]) -> Found {
    let mut places = args::command_words(words).into_iter();
    let Some(first) = places.next() else { return Found::None };
    let Some(mut verb) = VERBS.iter().find(|verb| is_called(verb, "", &words[first])) else {
        return Found::Unknown(words[first].clone());
    };
    let mut taken = vec![first];
    for place in places {
        match VERBS.iter().find(|other| is_called(other, verb.name, &words[place])) {
            Some(below) => verb = below,
            None => break,
        }
        taken.push(place);
    }
    let rest = words.iter().enumerate().filter(|(index, _)| !taken.contains(index)).map(|(_, word)| word.clone()).collect();
    Found::Verb(verb, rest)
}

/// A command that only groups others: prints its help and fails.
fn group(command: &mut Command<'_, '_>) -> Ran {
    if !command.args.positional.is_empty() {
        return Err(super::Failure::usage(format!("unknown command {:?}", command.args.positional.join(" "))));
    }
    command.output.out(&super::help::of(command.verb));
    Err(super::Failure::Code(1))
}
