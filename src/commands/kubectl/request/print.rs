//! Tables, -o wide|yaml|json|name|jsonpath|custom-columns. Models cli-runtime/pkg/printers.

use crate::commands::cli::encoding::pretty_json;
use crate::commands::cli::table::table;
use crate::commands::cli::template;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::resources;
use crate::kinds;
use crate::kinds::schema::{Shape, Type};
use crate::kinds::{KindDef, printers, schema};
use crate::machine::vfs;
use crate::values::clock::Instant;
use crate::values::jsonpath::{JsonPath, go_json, go_string};
use crate::values::object::{Object, Value, json};
use crate::values::patch::go_text;
use crate::values::{jsonpath, yaml};
use std::rc::Rc;

/// What `get` prints.
pub const TABLES: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// What commands print that have no tables.
pub const OBJECTS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml";

/// Formats with an argument behind `=`.
const WITH_ARGUMENT: [&str; 9] = [
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "template",
    "templatefile",
];

/// Blanks a level of JSON.
const JSON_INDENT: usize = 4;

/// What `-o` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    Table {
        wide: bool,
    },
    Yaml,
    /// Fields sorted by name, or in the order of Go's structs where kubectl prints a struct.
    Json {
        typed: bool,
    },
    Name,
    JsonPath {
        template: String,
        as_json: bool,
        allow_missing: bool,
    },
    GoTemplate(String),
    CustomColumns {
        columns: Vec<(String, String)>,
        headers: bool,
    },
}

/// Reads `-o`, which may be one of `allowed`.
/// # Errors
/// `unable to match a printer suitable for the output format …`.
pub fn format(invocation: &Invocation<'_, '_>, allowed: &str) -> Result<Format, Failure> {
    let text = match invocation.args.text("output") {
        "" if !invocation.args.text("template").is_empty() => "go-template",
        text => text,
    };
    let (name, argument) = match text.split_once('=') {
        Some((name, argument)) if WITH_ARGUMENT.contains(&name) => (name.to_owned(), Some(argument)),
        _ if ["json", "name", "yaml"].contains(&text.to_ascii_lowercase().as_str()) => (text.to_ascii_lowercase(), None),
        _ => (text.to_owned(), None),
    };
    if !name.is_empty() && !allowed.split(',').any(|known| known == name) {
        return Err(Failure::plain(format!("unable to match a printer suitable for the output format {text:?}, allowed formats are: {allowed}")));
    }
    let needs = |argument: Option<&str>| {
        argument
            .map(str::to_owned)
            .filter(|argument| !argument.is_empty())
            .ok_or_else(|| Failure::plain("template format specified but no template given"))
    };
    let file = |argument: Option<&str>, what: &str| -> Result<String, Failure> {
        let name = needs(argument)?;
        let path = vfs::absolute(invocation.host.working_directory, &name);
        match invocation.host.files.read(&path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => Err(Failure::plain(format!("error reading {what} {name}, open {name}: {}", error.to_string().to_ascii_lowercase()))),
        }
    };
    let template = || argument.or_else(|| invocation.args.value("template"));
    let allow_missing = invocation.args.text("allow-missing-template-keys") != "false";
    Ok(match name.as_str() {
        "wide" => Format::Table { wide: true },
        "yaml" => Format::Yaml,
        "json" => Format::Json { typed: invocation.verb.typed },
        "name" => Format::Name,
        "jsonpath" => Format::JsonPath { template: needs(template())?, as_json: false, allow_missing },
        "jsonpath-as-json" => Format::JsonPath { template: needs(template())?, as_json: true, allow_missing },
        "jsonpath-file" => Format::JsonPath { template: file(template(), "--template")?, as_json: false, allow_missing },
        "custom-columns" => custom_columns(argument.unwrap_or(""), !invocation.args.on("no-headers"))?,
        "custom-columns-file" => columns_of_file(&file(argument, "template")?)?,
        "go-template" | "template" => Format::GoTemplate(needs(template())?),
        "go-template-file" | "templatefile" => Format::GoTemplate(file(template(), "--template")?),
        _ => Format::Table { wide: false },
    })
}

fn custom_columns(text: &str, headers: bool) -> Result<Format, Failure> {
    if text.is_empty() {
        return Err(Failure::plain("custom-columns format specified but no custom columns given"));
    }
    let mut columns = Vec::new();
    for part in text.split(',') {
        let Some((header, path)) = part.split_once(':') else {
            return Err(Failure::plain(format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")));
        };
        columns.push((header.to_owned(), path.to_owned()));
    }
    Ok(Format::CustomColumns { columns, headers })
}

fn columns_of_file(text: &str) -> Result<Format, Failure> {
    let mut lines = text.lines();
    let (headers, paths) = (lines.next().unwrap_or("").split_whitespace(), lines.next().unwrap_or("").split_whitespace());
    let columns: Vec<(String, String)> = headers.zip(paths).map(|(header, path)| (header.to_owned(), path.to_owned())).collect();
    if columns.is_empty() {
        Err(Failure::plain("custom-columns format specified but no custom columns given"))
    } else {
        Ok(Format::CustomColumns { columns, headers: true })
    }
}

/// An object as kubectl shows it: without managedFields.
fn shown(object: &Object) -> Value {
    let mut value = object.0.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    value
}

/// Several objects as the list that kubectl makes of them.
fn list_of(objects: &[Rc<Object>]) -> Value {
    json!({"apiVersion": "v1", "items": objects.iter().map(|object| shown(object)).collect::<Vec<_>>(), "kind": "List", "metadata": {"resourceVersion": ""}})
}

/// The JSON of an object with its fields in the order of Go's structs.
pub fn typed_json(value: &Value) -> String {
    let mut text = String::new();
    write_typed(value, schema::type_named(value["kind"].as_str().unwrap_or("")), 0, &mut text);
    text.push('\n');
    text
}

fn write_typed(value: &Value, ty: Type, level: usize, out: &mut String) {
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', JSON_INDENT * level));
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut keys: Vec<(&str, Type)> = Vec::new();
            match schema::shape(ty) {
                Shape::Struct(name) => keys.extend(schema::fields(name).map(|field| (field.name, field.ty))),
                Shape::Map(item) => keys.extend(map.keys().map(|key| (key, item))),
                _ => {}
            }
            let more: Vec<(&str, Type)> = map.keys().filter(|key| keys.iter().all(|(known, _)| known != key)).map(|key| (key, "")).collect();
            keys.extend(more);
            out.push('{');
            let mut first = true;
            for (key, ty) in keys {
                let Some(item) = map.get(key) else { continue };
                if !first {
                    out.push(',');
                }
                first = false;
                line(out, level + 1);
                go_string(key, out);
                out.push_str(": ");
                write_typed(item, ty, level + 1, out);
            }
            line(out, level);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            let item_type = if let Shape::List(item) = schema::shape(ty) { item } else { "" };
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, level + 1);
                write_typed(item, item_type, level + 1, out);
            }
            line(out, level);
            out.push(']');
        }
        other => go_json(other, out),
    }
}

/// Prints objects in a form that is no table. `single`: one object was asked for by name.
/// # Errors
/// A template that cannot be read or does not hold.
pub fn objects(format: &Format, objects: &[Rc<Object>], single: bool) -> Result<String, Failure> {
    match format {
        Format::Name => Ok(objects.iter().map(|object| resources::name_of(object) + "\n").collect()),
        Format::CustomColumns { columns, headers } => custom(columns, *headers, objects),
        _ if single && objects.len() == 1 => tree(format, &shown(&objects[0])),
        _ => tree(format, &list_of(objects)),
    }
}

/// Prints one tree in a form that is neither a table nor a name.
/// # Errors
/// A template that cannot be read or does not hold.
pub fn tree(format: &Format, tree: &Value) -> Result<String, Failure> {
    Ok(match format {
        Format::Yaml => yaml::print(tree),
        Format::Json { typed: true } => typed_json(tree),
        Format::Json { .. } => pretty_json(tree),
        Format::JsonPath { template, as_json, allow_missing } => {
            let failed = |why: String| Failure::plain(format!("error parsing jsonpath {template}, {why}"));
            let path = JsonPath::parse(template).map_err(failed)?.allow_missing_keys(*allow_missing);
            if *as_json {
                let found = path.find(tree).map_err(|why| execution_failed(template, &why, tree))?;
                found.into_iter().map(|values| pretty_json(&Value::from(values))).collect()
            } else {
                path.execute(tree).map_err(|why| execution_failed(template, &why, tree))?
            }
        }
        Format::GoTemplate(template) => template::execute(template, tree).map_err(Failure::Plain)?,
        Format::Name | Format::CustomColumns { .. } | Format::Table { .. } => String::new(),
    })
}

fn execution_failed(template: &str, why: &str, tree: &Value) -> Failure {
    let mut object = String::new();
    go_syntax(tree, &mut object);
    Failure::plain(format!(
        "error executing jsonpath {template:?}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{object}\n\n"
    ))
}

/// A tree as Go's `%#v` prints it.
fn go_syntax(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::String(text) => out.push_str(&format!("{text:?}")),
        Value::Array(items) => {
            out.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                go_syntax(item, out);
            }
            out.push('}');
        }
        Value::Object(map) => {
            out.push_str("map[string]interface {}{");
            for (index, (key, item)) in map.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&format!("{key:?}:"));
                go_syntax(item, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn custom(columns: &[(String, String)], headers: bool, objects: &[Rc<Object>]) -> Result<String, Failure> {
    let mut paths = Vec::new();
    for (_, path) in columns {
        let template = jsonpath::relaxed_expression(path).map_err(Failure::plain)?;
        paths.push(JsonPath::parse(&template).map_err(Failure::plain)?.allow_missing_keys(true));
    }
    let mut rows = Vec::new();
    for object in objects {
        let tree = shown(object);
        let mut row = Vec::new();
        for path in &paths {
            let found: Vec<Value> = path.find(&tree).map_err(Failure::plain)?.into_iter().flatten().collect();
            let texts: Vec<String> = found.iter().map(go_text).collect();
            row.push(if texts.is_empty() { "<none>".to_owned() } else { texts.join(",") });
        }
        rows.push(row);
    }
    let names: Vec<String> = columns.iter().map(|(header, _)| header.clone()).collect();
    Ok(table(headers.then_some(&names[..]), &rows))
}

/// How a table is to look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOptions {
    pub wide: bool,
    pub namespace: bool,
    pub headers: bool,
    pub show_labels: bool,
    pub label_columns: Vec<String>,
    /// Each name as `pod/web-0`.
    pub kind_in_name: bool,
}

/// The header cells of a kind's table.
pub fn header_row(def: &KindDef, options: &TableOptions) -> Vec<String> {
    let own = def.columns.iter().filter(|column| options.wide || !column.wide).map(|column| column.name.to_owned());
    let label = options.label_columns.iter().map(|label| label.rsplit('/').next().unwrap_or(label).to_ascii_uppercase());
    let namespace = (options.namespace && def.namespaced).then(|| "NAMESPACE".to_owned());
    namespace.into_iter().chain(own).chain(label).chain(options.show_labels.then(|| "LABELS".to_owned())).collect()
}

/// The cells of one object.
pub fn object_row(def: &KindDef, object: &Object, now: Instant, options: &TableOptions) -> Vec<String> {
    let mut row = Vec::new();
    if options.namespace && def.namespaced {
        row.push(object.namespace().to_owned());
    }
    for column in def.columns.iter().filter(|column| options.wide || !column.wide) {
        let cell = (column.cell)(object, now);
        // A cell is one line in a table.
        let cell = match cell.split_once(['\n', '\r', '\x0c']) {
            Some((line, _)) => format!("{line}..."),
            None => cell,
        };
        row.push(if options.kind_in_name && column.name == "NAME" { def.name_of(&cell) } else { cell });
    }
    row.extend(options.label_columns.iter().map(|label| object.label(label).unwrap_or("").to_owned()));
    if options.show_labels {
        row.push(printers::labels(object.map(&["metadata", "labels"])));
    }
    row
}

/// The row of an object's kind.
pub fn def_of(object: &Object) -> &'static KindDef {
    kinds::def(object.kind())
}
