//! get: tables and objects, once or as they change. Models kubectl/pkg/cmd/get.

use crate::apiserver::store::Change;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::cli::{encoding, table};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::{Format, TableOptions};
use crate::commands::kubectl::request::resources;
use crate::kinds;
use crate::kinds::KindDef;
use crate::machine::process::Input;
use crate::values::jsonpath;
use crate::values::jsonpath::JsonPath;
use crate::values::object::json;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::quantity::Quantity;
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use crate::world::World;
use std::cmp::Ordering;
use std::rc::Rc;

/// `get -w`: what it watches, and how far it has read the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    kind: &'static str,
    namespace: Option<String>,
    name: Option<String>,
    selector: LabelSelector,
    options: TableOptions,
    format: Format,
    /// `--output-watch-events`
    events: bool,
    cursor: u64,
    /// Column widths of what was printed first; later rows keep to them.
    printed_header: bool,
}

impl Pending for Watch {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let def = kinds::def(self.kind);
        let mut rows = Vec::new();
        if let Some(changes) = cluster.api.store().since(self.cursor) {
            for change in changes {
                let key = &change.key;
                let ours = key.kind == self.kind
                    && self.namespace.as_ref().is_none_or(|namespace| **namespace == *key.namespace)
                    && self.name.as_ref().is_none_or(|name| **name == *key.name)
                    && self.selector.matches(change.object.map(&["metadata", "labels"]));
                if !ours {
                    continue;
                }
                if !matches!(self.format, Format::Table { .. }) {
                    let text = print::objects(&self.format, std::slice::from_ref(&change.object), true);
                    output.out(&text.unwrap_or_default());
                    continue;
                }
                let mut row = print::object_row(def, &change.object, cluster.now(), &self.options);
                if self.events {
                    row.insert(0, change_word(change.change).to_owned());
                }
                rows.push(row);
            }
        }
        self.cursor = cluster.api.store().version();
        if !rows.is_empty() {
            let mut header = print::header_row(def, &self.options);
            if self.events {
                header.insert(0, "EVENT".to_owned());
            }
            let show = self.options.headers && !self.printed_header;
            self.printed_header = true;
            output.out(&aligned(&header, &rows, show));
        }
        Poll::Going
    }

    fn is_endless(&self) -> bool {
        true
    }
}

fn change_word(change: Change) -> &'static str {
    match change {
        Change::Added => "ADDED",
        Change::Modified => "MODIFIED",
        Change::Deleted => "DELETED",
    }
}

/// Rows as wide as their header, which is shown only the first time.
fn aligned(header: &[String], rows: &[Vec<String>], show: bool) -> String {
    let text = table::table(Some(header), rows);
    if show { text } else { text.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned()) }
}

const NO_TYPE: &str = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples";

/// `--raw`: an object or a list by its address.
fn raw(invocation: &mut Invocation<'_, '_>) -> Ran {
    let address = invocation.args.text("raw").split('?').next().unwrap_or("").to_owned();
    let parts: Vec<&str> = address.split('/').filter(|part| !part.is_empty()).collect();
    let rest = match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] => {
            invocation.output.out("ok");
            return Ok(None);
        }
        ["api", "v1", rest @ ..] => rest,
        ["apis", _, _, rest @ ..] => rest,
        _ => &[][..],
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let missing = || Failure::from(Status::new("NotFound", 404, "the server could not find the requested resource"));
    let plural = rest.first().copied().unwrap_or("");
    let def = kinds::ALL.iter().find(|def| def.plural == plural).ok_or_else(missing)?;
    let value = match rest.get(1) {
        Some(name) => invocation.cluster.api.get(&invocation.key(def, namespace, name))?.0.clone(),
        None => {
            let found = invocation.cluster.api.list(def.kind, Some(namespace).filter(|namespace| !namespace.is_empty()));
            let items: Vec<Value> = found.map(|object| object.0.clone()).collect();
            let version = invocation.cluster.api.store().version().to_string();
            json!({
                "apiVersion": def.api_version(), "items": items, "kind": format!("{}List", def.kind), "metadata": {"resourceVersion": version}
            })
        }
    };
    invocation.output.line(&encoding::go_json(&value));
    Ok(None)
}

/// What one argument asked for.
struct Group {
    def: &'static KindDef,
    objects: Vec<Rc<Object>>,
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    if invocation.args.given("raw") {
        return raw(invocation);
    }
    let from_files = manifests::given(invocation);
    if from_files && !words.is_empty() {
        return Err(Failure::plain(manifests::FILES_AND_WORDS));
    }
    if words.is_empty() && !from_files {
        return Err(Failure::Raw(NO_TYPE.to_owned()));
    }
    let format = print::format(invocation, print::TABLES)?;
    let everywhere = invocation.args.on("all-namespaces");
    let options = TableOptions {
        wide: format == Format::Table { wide: true },
        namespace: everywhere,
        headers: !invocation.args.on("no-headers"),
        show_labels: invocation.args.on("show-labels"),
        label_columns: invocation.args.values("label-columns").to_vec(),
        kind_in_name: invocation.args.on("show-kind"),
    };
    let (groups, failures, named) = if from_files { of_files(invocation)? } else { of_words(invocation, &words, everywhere)? };
    if words.first().is_some_and(|word| word.split(['/', ',']).any(|kind| kind == "ev")) {
        invocation.warnings(&["short name \"ev\" could also match lower priority resource events.events.k8s.io".to_owned()]);
    }
    groups.iter().for_each(|group| invocation.warn_deprecated(group.def.kind));
    // One file is taken for one object, whose absence is the whole answer.
    let one_file = from_files && invocation.args.values("filename").len() == 1 && !invocation.args.values("filename").iter().any(|name| name == "-");
    if one_file && !failures.is_empty() && !matches!(format, Format::Table { .. }) {
        return Failure::all(failures).map(|()| None);
    }
    let watch = invocation.args.on("watch") || invocation.args.on("watch-only");
    if watch {
        return start_watch(invocation, &groups, failures, named, format, options);
    }
    let mut groups = groups;
    sort_groups(invocation, &mut groups, &format, words.len())?;
    print_groups(invocation, &groups, &format, &options, named, failures.is_empty())?;
    Failure::all(failures)?;
    Ok(None)
}

/// `--sort-by`. Each thing asked for is a table of its own; several of them are sorted among each other, which no table's field allows,
/// and a single one of several rows is left out where the field is wrong.
fn sort_groups(invocation: &Invocation<'_, '_>, groups: &mut [Group], format: &Format, words: usize) -> Result<(), Failure> {
    let sort_by = invocation.args.text("sort-by");
    if sort_by.is_empty() {
        return Ok(());
    }
    let table = matches!(format, Format::Table { .. });
    let tables = if words > 1 { groups.iter().map(|group| group.objects.len()).sum() } else { groups.len() };
    if table && tables > 1 {
        return Err(no_field(&jsonpath::relaxed_expression(sort_by).map_err(Failure::plain)?));
    }
    for group in groups {
        match sort(&mut group.objects, sort_by) {
            Err(_) if table && group.objects.len() > 1 => group.objects.clear(),
            Err(_) if table => {}
            sorted => sorted?,
        }
    }
    Ok(())
}

fn no_field(template: &str) -> Failure {
    Failure::plain(format!("couldn't find any field with path {template:?} in the list of objects"))
}

fn not_found_is_fine(invocation: &Invocation<'_, '_>, status: &Status) -> bool {
    invocation.args.on("ignore-not-found") && status.is_not_found()
}

fn of_words(invocation: &Invocation<'_, '_>, words: &[String], everywhere: bool) -> Result<(Vec<Group>, Vec<Failure>, bool), Failure> {
    let targets = resources::parse(words)?;
    let named = targets.iter().any(|target| target.name.is_some());
    if named {
        // The builder's own complaints about names beside selectors and -A.
        invocation.chosen(words)?;
    }
    let namespace = invocation.namespace();
    let (mut groups, mut failures): (Vec<Group>, Vec<Failure>) = (Vec::new(), Vec::new());
    for target in &targets {
        let objects = match &target.name {
            Some(name) => match invocation.cluster.api.get(&invocation.key(target.def, &namespace, name)) {
                Ok(object) => vec![object.clone()],
                Err(status) => {
                    if !not_found_is_fine(invocation, &status) {
                        failures.push(Failure::server(status, ""));
                    }
                    Vec::new()
                }
            },
            None => match invocation.listed(target.def, (!everywhere).then_some(namespace.as_str())) {
                Ok(objects) => objects,
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            },
        };
        match groups.last_mut() {
            Some(last) if std::ptr::eq(last.def, target.def) => last.objects.extend(objects),
            _ => groups.push(Group { def: target.def, objects }),
        }
    }
    Ok((groups, failures, named && targets.len() == 1))
}

fn of_files(invocation: &mut Invocation<'_, '_>) -> Result<(Vec<Group>, Vec<Failure>, bool), Failure> {
    let manifests = manifests::read(invocation)?;
    let (mut groups, mut failures): (Vec<Group>, Vec<Failure>) = (Vec::new(), Vec::new());
    let count = manifests.objects.len();
    for manifest in &manifests.objects {
        let (def, key): (&'static KindDef, ObjectKey) = (manifest.def(), manifest.key());
        match invocation.cluster.api.get(&key) {
            Ok(object) => match groups.last_mut() {
                Some(last) if std::ptr::eq(last.def, def) => last.objects.push(object.clone()),
                _ => groups.push(Group { def, objects: vec![object.clone()] }),
            },
            Err(status) if !not_found_is_fine(invocation, &status) => failures.push(Failure::server(status, "")),
            Err(_) => {}
        }
    }
    Ok((groups, failures, count == 1))
}

fn print_groups(
    invocation: &mut Invocation<'_, '_>,
    groups: &[Group],
    format: &Format,
    options: &TableOptions,
    single: bool,
    whole: bool,
) -> Result<(), Failure> {
    if !matches!(format, Format::Table { .. }) {
        let objects: Vec<Rc<Object>> = groups.iter().flat_map(|group| group.objects.iter().cloned()).collect();
        if objects.is_empty() && (single || *format == Format::Name) {
            return Ok(());
        }
        let text = print::objects(format, &objects, single)?;
        invocation.output.out(&text);
        return Ok(());
    }
    let several = groups.len() > 1;
    let mut first = true;
    for group in groups.iter().filter(|group| !group.objects.is_empty()) {
        if !first && options.headers {
            invocation.output.out("\n");
        }
        first = false;
        let options = TableOptions { kind_in_name: options.kind_in_name || several, ..options.clone() };
        let rows: Vec<Vec<String>> = group.objects.iter().map(|object| print::object_row(group.def, object, invocation.now(), &options)).collect();
        let header = print::header_row(group.def, &options);
        invocation.output.out(&table::table(options.headers.then_some(&header[..]), &rows));
    }
    if first && whole && !single {
        let namespaced = groups.iter().all(|group| group.def.namespaced);
        if !invocation.args.on("ignore-not-found") {
            let place = if namespaced && !options.namespace { format!(" in {} namespace.", invocation.namespace()) } else { String::new() };
            invocation.output.warn(&format!("No resources found{place}"));
        }
    }
    Ok(())
}

fn start_watch(
    invocation: &mut Invocation<'_, '_>,
    groups: &[Group],
    failures: Vec<Failure>,
    named: bool,
    format: Format,
    options: TableOptions,
) -> Ran {
    let [group] = groups else {
        return Err(Failure::plain("you may only specify a single resource type"));
    };
    Failure::all(failures)?;
    let events = invocation.args.on("output-watch-events");
    let mut watch = Watch {
        kind: group.def.kind,
        namespace: (group.def.namespaced && !invocation.args.on("all-namespaces")).then(|| invocation.namespace()),
        name: if named { group.objects.first().map(|object| object.name().to_owned()) } else { None },
        selector: LabelSelector::parse(invocation.args.text("selector")).map_err(Failure::Plain)?,
        options,
        format,
        events,
        cursor: invocation.cluster.api.store().version(),
        printed_header: false,
    };
    if !invocation.args.on("watch-only") && !group.objects.is_empty() {
        if matches!(watch.format, Format::Table { .. }) {
            let mut header = print::header_row(group.def, &watch.options);
            let mut rows: Vec<Vec<String>> =
                group.objects.iter().map(|object| print::object_row(group.def, object, invocation.now(), &watch.options)).collect();
            if events {
                header.insert(0, "EVENT".to_owned());
                rows.iter_mut().for_each(|row| row.insert(0, "ADDED".to_owned()));
            }
            watch.printed_header = true;
            invocation.output.out(&aligned(&header, &rows, watch.options.headers));
        } else {
            let text = print::objects(&watch.format, &group.objects, named)?;
            invocation.output.out(&text);
        }
    }
    Ok(Some(Box::new(watch)))
}

/// Sorts by a field: quantities as quantities, numbers as numbers, the rest as text; what lacks the field comes first.
/// # Errors
/// An expression that cannot be read.
fn sort(objects: &mut [Rc<Object>], expression: &str) -> Result<(), Failure> {
    let template = jsonpath::relaxed_expression(expression).map_err(Failure::plain)?;
    let path = JsonPath::parse(&template).map_err(Failure::plain)?.allow_missing_keys(true);
    let field = |object: &Rc<Object>| path.find(&object.0).ok().and_then(|found| found.into_iter().flatten().next());
    if !objects.is_empty() && objects.iter().all(|object| field(object).is_none()) {
        return Err(no_field(&template));
    }
    objects.sort_by(|one, other| match (field(one), field(other)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(one), Some(other)) => compare(&one, &other),
    });
    Ok(())
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::String(one), Value::String(other)) => match (Quantity::parse(one), Quantity::parse(other)) {
            (Ok(one), Ok(other)) => one.cmp(&other),
            _ => one.cmp(other),
        },
        (Value::Number(one), Value::Number(other)) => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
        _ => one.to_string().cmp(&other.to_string()),
    }
}
