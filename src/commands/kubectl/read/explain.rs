//! explain: the fields of a kind and what they are for. Models kubectl/pkg/explain/v2 and its plaintext template.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::discovery;
use crate::kinds;
use crate::kinds::schema::{Field, Shape, Type};
use crate::kinds::{KindDef, schema};

/// The width of descriptions, without their indent.
const WIDTH: usize = 76;

/// How many allowed values the list of fields shows.
const ENUM_LIMIT: usize = 4;

/// Types that contain themselves would never end with --recursive.
const MAX_DEPTH: usize = 16;

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let asked = match words.as_slice() {
        [] => {
            return Err(Failure::plain(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
            ));
        }
        [one] => one,
        _ => return Err(Failure::plain("We accept only this format: explain RESOURCE")),
    };
    match invocation.args.value("output") {
        None | Some("plaintext") => {}
        Some("plaintext-openapiv2") => return Err(Failure::Raw("not simulated here: kubectl explain --output=plaintext-openapiv2".to_owned())),
        Some(other) => return Err(Failure::plain(format!("unrecognized format: {other}"))),
    }
    let (resource, path) = asked.split_once('.').map_or((asked.as_str(), ""), |(resource, path)| (resource, path));
    let missing = || {
        let unsimulated = discovery::unsimulated(resource).map(|resource| format!("not simulated here: {resource}"));
        Failure::Raw(unsimulated.unwrap_or_else(|| format!("the server doesn't have a resource type {resource:?}")))
    };
    let wanted = invocation.args.text("api-version");
    // `statefulsets.apps` may stand for the kind of a group as well as for a field; with a version it is a field.
    let (def, path) = match kinds::by_resource(asked).filter(|_| wanted.is_empty()) {
        Some(def) => (def, ""),
        None => (kinds::by_resource(resource).ok_or_else(missing)?, path),
    };
    if !wanted.is_empty() && wanted != def.api_version() {
        return Err(Failure::plain(format!(
            "couldn't find resource for \"{}{wanted}, Resource={}\"",
            if wanted.contains('/') { "" } else { "/" },
            def.plural
        )));
    }
    let path: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
    let recursive = invocation.args.on("recursive");
    let (text, unknown) = explain(def, &path, recursive);
    invocation.output.out(&text);
    match unknown {
        Some(name) => Err(Failure::plain(format!("field {name:?} does not exist"))),
        None => Ok(None),
    }
}

/// The whole text, and the name in the path that is no field.
fn explain(def: &KindDef, path: &[&str], recursive: bool) -> (String, Option<String>) {
    let mut out = String::new();
    if !def.group.is_empty() {
        out.push_str(&format!("GROUP:      {}\n", def.group));
    }
    out.push_str(&format!("KIND:       {}\nVERSION:    {}\n\n", def.kind, def.version));
    let mut ty: Type = def.kind;
    let mut description = schema::describe_type(def.kind);
    let mut found: Option<(&str, Field)> = None;
    for name in path {
        let Some(field) = schema::child(ty, name) else { return (out, Some((*name).to_owned())) };
        found = Some((struct_of(ty), field));
        ty = field.ty;
    }
    if let Some((parent, field)) = found {
        out.push_str(&format!("FIELD: {} <{}>\n", field.name, field.type_text()));
        if is_scalar(&field) && !field.enumeration.is_empty() {
            out.push_str("ENUM:\n");
            for value in field.enumeration.split(',') {
                out.push_str(&format!("    {}\n", shown(value)));
            }
        }
        out.push('\n');
        description = describe(parent, &field);
        let own = schema::describe_type(if field.struct_name().is_empty() { field.open_type } else { field.struct_name() });
        if !own.is_empty() {
            description = format!("{description}\n{own}");
        }
    }
    let description = if description.is_empty() { "<empty>".to_owned() } else { description };
    if found.is_some_and(|(_, field)| !is_scalar(&field) || field.enumeration.is_empty()) {
        out.push('\n');
    }
    out.push_str(&format!("DESCRIPTION:\n{}\n", indented(&description)));
    let fields = schema::children(ty);
    out.push('\n');
    if !fields.is_empty() {
        out.push_str("FIELDS:\n");
        list(ty, &fields, 1, recursive, &mut out);
    }
    out.push('\n');
    (out, None)
}

fn struct_of(ty: Type) -> &'static str {
    match schema::shape(ty) {
        Shape::Struct(name) => name,
        Shape::List(item) | Shape::Map(item) => struct_of(item),
        _ => "",
    }
}

fn is_scalar(field: &Field) -> bool {
    !matches!(schema::shape(field.ty), Shape::List(_) | Shape::Map(_))
}

fn shown(value: &str) -> String {
    if value.is_empty() { "\"\"".to_owned() } else { value.to_owned() }
}

/// A field's text with what the server adds of its allowed values.
fn describe(parent: &str, field: &Field) -> String {
    let mut text = schema::describe_field(parent, field.name);
    if is_scalar(field) && !field.enumeration.is_empty() {
        text.push_str("\n\nPossible enum values:");
        let mut meanings = schema::describe_values(parent, field.name);
        for value in field.enumeration.split(',') {
            let meaning = meanings.next().unwrap_or("");
            text.push_str(format!("\n - `{value:?}` {meaning}").trim_end());
        }
    }
    text
}

fn list(ty: Type, fields: &[Field], depth: usize, recursive: bool, out: &mut String) {
    let pad = "  ".repeat(depth);
    for field in fields {
        let required = if field.required { " -required-" } else { "" };
        out.push_str(&format!("{pad}{}\t<{}>{required}\n", field.name, field.type_text()));
        if is_scalar(field) && !field.enumeration.is_empty() {
            let values: Vec<String> = field.enumeration.split(',').map(shown).collect();
            let more = if values.len() > ENUM_LIMIT { ", ...." } else { "" };
            out.push_str(&format!("{pad}enum: {}{more}\n", values[..values.len().min(ENUM_LIMIT)].join(", ")));
        }
        if !recursive {
            out.push_str(&format!("{}\n\n", indented(&describe(struct_of(ty), field))));
        } else if depth < MAX_DEPTH {
            list(field.ty, &schema::children(field.ty), depth + 1, true, out);
        }
    }
}

fn indented(text: &str) -> String {
    format!("    {}", wrap(text).replace('\n', "\n    "))
}

/// Models mitchellh/go-wordwrap: blanks within a line stay, a blank at a break goes.
fn wrap(text: &str) -> String {
    let mut out = String::new();
    let (mut word, mut space) = (String::new(), String::new());
    let (mut current, mut word_length, mut space_length) = (0, 0, 0);
    for c in text.chars() {
        if c == '\n' {
            if word.is_empty() && current + space_length > WIDTH {
                space.clear();
            }
            out.push_str(&space);
            out.push_str(&word);
            out.push('\n');
            (current, word_length, space_length) = (0, 0, 0);
            space.clear();
            word.clear();
        } else if c == ' ' {
            if space.is_empty() || !word.is_empty() {
                current += space_length + word_length;
                out.push_str(&space);
                out.push_str(&word);
                (word_length, space_length) = (0, 0);
                space.clear();
                word.clear();
            }
            space.push(c);
            space_length += 1;
        } else {
            word.push(c);
            word_length += 1;
            if current + word_length + space_length > WIDTH && word_length < WIDTH {
                out.push('\n');
                current = 0;
                space.clear();
                space_length = 0;
            }
        }
    }
    if !word.is_empty() || current + space_length <= WIDTH {
        out.push_str(&space);
    }
    out.push_str(&word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_blanks() {
        let long = format!("{} b", "a".repeat(WIDTH));
        assert_eq!(wrap(&long), format!("{}\nb", "a".repeat(WIDTH)));
        assert_eq!(wrap("one  two\nthree"), "one  two\nthree");
    }

    #[test]
    fn an_unknown_field_is_named() {
        let (text, unknown) = explain(kinds::def("PersistentVolume"), &["spec", "nothing"], false);
        assert_eq!(text, "KIND:       PersistentVolume\nVERSION:    v1\n\n");
        assert_eq!(unknown.as_deref(), Some("nothing"));
    }
}
