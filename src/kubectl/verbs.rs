//! The table of verbs: names, flags, examples, functions.

use super::args::{self, Flag, FlagKind, Flags};
use super::{Command, Ran, apply, config, delete, get, wait};

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
    pub examples: &'static str,
    pub run: fn(&mut Command<'_, '_>) -> Ran,
}

const BASE: Verb = Verb { name: "", aliases: &[], group: "", usage: "", short: "", flags: &[], examples: "", run: group };

const INTERMEDIATE: &str = "Basic Commands (Intermediate)";
const ADVANCED: &str = "Advanced Commands";
const SETTINGS: &str = "Settings Commands";

/// `-f`, `-k`, `-R`.
const FILES: &[Flag] = &[
    Flag::list("filename", "Filename, directory, or URL to files identifying the resource.").short('f'),
    Flag::text("kustomize", "Process a kustomization directory. This flag can't be used together with -f or -R.").short('k'),
    Flag::bool("recursive", "Process the directory used in -f, --filename recursively.").short('R'),
];
/// `-l`.
const SELECTOR: &[Flag] = &[Flag::text("selector", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.").short('l')];
const FIELD_SELECTOR: &[Flag] = &[Flag::text("field-selector", "Selector (field query) to filter on, supports '=', '==', and '!='.")];
const EVERYWHERE: &[Flag] = &[Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces.").short('A')];
/// `-o` and what goes with it.
const OUTPUT: &[Flag] = &[
    Flag::text("output", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).").short('o'),
    Flag::new("allow-missing-template-keys", '\0', FlagKind::Bool, "true", "If true, ignore any errors in templates when a field or map key is missing in the template."),
    Flag::bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
    Flag::text("template", "Template string or path to template file to use when -o=go-template, -o=go-template-file."),
];
const NO_HEADERS: &[Flag] =
    &[Flag::bool("no-headers", "When using the default or custom-column output format, don't print headers (default print headers).")];

const DRY_RUN: &[Flag] = &[Flag::new(
    "dry-run",
    '\0',
    FlagKind::Optional("unchanged"),
    "none",
    "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
)];
const VALIDATE: &[Flag] = &[
    Flag::new("validate", '\0', FlagKind::Optional("strict"), "strict", "Must be one of: strict (or true), warn, ignore (or false)."),
    Flag::text("field-manager", "Name of the manager used to track field ownership."),
];
const TIMEOUT: &[Flag] = &[Flag::new(
    "timeout",
    '\0',
    FlagKind::Duration,
    "0s",
    "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
)];
const DELETE: &[Flag] = &[
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
const APPLY: &[Flag] = &[
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
const WAIT: &[Flag] = &[
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

/// Every verb, in the order in which kubectl adds them (its suggestions follow it).
pub const VERBS: &[Verb] = &[
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
        name: "wait",
        group: ADVANCED,
        usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
        short: "Experimental: Wait for a specific condition on one or many resources",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, EVERYWHERE, OUTPUT, WAIT],
        examples: "# Wait for the pod \"busybox1\" to contain the status condition of type \"Ready\"\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Wait for the pod \"busybox1\" to be deleted, with a timeout of 60s\nkubectl wait --for=delete pod/busybox1 --timeout=60s\n\n# Wait for a claim to be bound\nkubectl wait --for=jsonpath='{.status.phase}'=Bound pvc/data",
        run: wait::run,
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
];

/// `get` only.
const GET: &[Flag] = &[
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
