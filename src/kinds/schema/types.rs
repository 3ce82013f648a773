//! The table of types: `types.txt` holds the Go types behind the kinds in `kinds::ALL`, one a line; a type is looked up by binary search. A line is a name, then
//! behind a tab each a field: `name type [!] [?] [@OpenApiType] [#mergeKey] [$strategy] [^enum,values]`, with `!` required, `?` printed even
//! when empty. Type: `s` string, `b` bool, `i32` `i64` `f64`, `y` bytes, `[]T` list, `{}T` map, `*T` pointer, a name. `=T` behind a name is
//! a named string, list or map. `explain.txt` and `enums.txt` hold the documentation, `internal.txt` the server's own structs (Go name, JSON
//! name, type). `make tables` writes the first three from `source/api.txt`, which has the whole API of the release; `source/main.go` writes
//! that one and `internal.txt` from Kubernetes' Go modules.

use crate::kinds::def::KindDef;
use crate::values::patch;
use std::cmp::Ordering;

const TYPES: &str = include_str!("types.txt");
/// Where each line of it begins, so that a search reads names only.
static TYPE_STARTS: [u16; line_count(TYPES)] = line_starts(TYPES);

const fn line_count(text: &str) -> usize {
    let (bytes, mut at, mut count) = (text.as_bytes(), 0, 1);
    while at + 1 < bytes.len() {
        count += (bytes[at] == b'\n') as usize;
        at += 1;
    }
    count
}

const fn line_starts<const COUNT: usize>(text: &str) -> [u16; COUNT] {
    assert!(text.len() <= u16::MAX as usize);
    let (bytes, mut starts, mut at, mut line) = (text.as_bytes(), [0; COUNT], 0, 1);
    while at + 1 < bytes.len() {
        if bytes[at] == b'\n' {
            starts[line] = at as u16 + 1;
            line += 1;
        }
        at += 1;
    }
    starts
}

/// A type as the table writes it: `[]Container`, `*i64`, `{}s`.
pub type Type = &'static str;

/// A field of a Go struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub ty: Type,
    pub required: bool,
    /// Printed even when empty: Go's tag has no `omitempty`, though OpenAPI calls the field optional.
    pub always: bool,
    /// The merge key of a list that is patched by key; empty where none.
    pub merge_key: &'static str,
    /// `merge`, `retainKeys`, `merge,retainKeys`, `replace`; empty where none.
    pub strategy: &'static str,
    /// Allowed values, joined by commas; empty where anything goes.
    pub enumeration: &'static str,
    /// How OpenAPI calls a type that Go leaves open, such as `RawExtension`.
    pub open_type: &'static str,
}

/// What a type is once its name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Bool,
    Int32,
    Int64,
    Float,
    Bytes,
    List(Type),
    Map(Type),
    /// The type's name; `fields` lists what it has.
    Struct(&'static str),
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    Any,
}

/// What stands behind a name in a sorted table of lines.
pub(in crate::kinds) fn row(table: &'static str, name: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = (low + high) / 2;
        let start = table[..middle].rfind('\n').map_or(0, |at| at + 1).max(low);
        let end = table[start..].find('\n').map_or(table.len(), |length| start + length);
        let (key, rest) = table[start..end].split_once('\t').unwrap_or((&table[start..end], ""));
        match key.cmp(name) {
            Ordering::Equal => return Some(rest),
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// The line of the table of types for a name. No byte of a name stands before the tab or the line's end behind it.
fn type_line(name: &str) -> Option<&'static str> {
    let place = |start: &u16| {
        let line = &TYPES.as_bytes()[usize::from(*start)..];
        let known = &line[..name.len().min(line.len())];
        let ends = || matches!(line.get(name.len()), None | Some(b'\t' | b'\n'));
        known.cmp(name.as_bytes()).then_with(|| if ends() { Ordering::Equal } else { Ordering::Greater })
    };
    let found = TYPE_STARTS.binary_search_by(place).ok()?;
    let end = TYPE_STARTS.get(found + 1).map_or(TYPES.len(), |next| usize::from(*next));
    Some(TYPES[usize::from(TYPE_STARTS[found])..end].trim_end_matches('\n'))
}

/// What the table of types holds for a name.
fn type_row(name: &str) -> Option<&'static str> {
    type_line(name).map(|line| line.get(name.len() + 1..).unwrap_or(""))
}

/// The type of a name; an empty one where the table has none.
pub fn type_named(name: &str) -> Type {
    type_line(name).and_then(|line| line.get(..name.len())).unwrap_or("")
}

/// The shape of a type, pointers set aside.
pub fn shape(ty: Type) -> Shape {
    let ty = ty.trim_start_matches('*');
    if let Some(item) = ty.strip_prefix("[]") {
        return Shape::List(item);
    }
    if let Some(item) = ty.strip_prefix("{}") {
        return Shape::Map(item);
    }
    match ty {
        "s" => Shape::Text,
        "b" => Shape::Bool,
        "i32" => Shape::Int32,
        "i64" => Shape::Int64,
        "f64" => Shape::Float,
        "y" => Shape::Bytes,
        "Time" => Shape::Time,
        "MicroTime" => Shape::MicroTime,
        "Quantity" => Shape::Quantity,
        "IntOrString" => Shape::IntOrString,
        "Any" => Shape::Any,
        name => match type_row(name) {
            Some(fields) => fields.strip_prefix('=').map_or(Shape::Struct(ty), shape),
            None => Shape::Any,
        },
    }
}

/// The fields of a struct in Go's order; none where there is no such struct.
pub fn fields(name: &str) -> impl Iterator<Item = Field> {
    field_texts(name).map(parse_field)
}

/// The same as the table writes them.
pub(super) fn field_texts(name: &str) -> impl Iterator<Item = &'static str> {
    words(type_row(name).filter(|row| !row.starts_with('=')).unwrap_or(""), b'\t')
}

/// What stands between separators. Words here are short: to look at each byte is faster than the searches of the standard library.
fn words(mut text: &'static str, separator: u8) -> impl Iterator<Item = &'static str> {
    std::iter::from_fn(move || {
        let (word, rest) = text.split_at(text.bytes().position(|byte| byte == separator).unwrap_or(text.len()));
        text = rest.get(1..).unwrap_or("");
        Some(word).filter(|word| !word.is_empty())
    })
}

pub(super) fn parse_field(text: &'static str) -> Field {
    let mut words = words(text, b' ');
    let mut field = Field {
        name: words.next().unwrap_or(""),
        ty: words.next().unwrap_or("Any"),
        required: false,
        always: false,
        merge_key: "",
        strategy: "",
        enumeration: "",
        open_type: "",
    };
    for word in words {
        let (mark, rest) = word.split_at(1);
        match mark {
            "!" => field.required = true,
            "?" => field.always = true,
            "#" => field.merge_key = rest,
            "$" => field.strategy = rest,
            "^" => field.enumeration = rest,
            _ => field.open_type = rest,
        }
    }
    field
}

/// A field by its name, in a struct or (as any key) in a map, through lists.
pub fn child(ty: Type, name: &str) -> Option<Field> {
    match shape(ty) {
        Shape::Struct(strukt) => fields(strukt).find(|field| field.name == name),
        Shape::List(item) => child(item, name),
        _ => None,
    }
}

/// The field at a path of names, lists passed through; `None` where there is none.
pub fn field(def: &KindDef, path: &[&str]) -> Option<Field> {
    let mut ty: Type = def.kind;
    let mut found = None;
    for name in path {
        let field = child(ty, name)?;
        ty = field.ty;
        found = Some(field);
    }
    found
}

/// The fields below a type, sorted by name as explain shows them; none where it is no struct (or list or map of structs).
pub fn children(ty: Type) -> Vec<Field> {
    let mut list: Vec<Field> = match shape(ty) {
        Shape::Struct(name) => fields(name).collect(),
        Shape::List(item) | Shape::Map(item) => return children(item),
        _ => Vec::new(),
    };
    list.sort_by_key(|field| field.name);
    list
}

impl Field {
    /// The type as explain prints it, without brackets: `[]string`, `map[string]Quantity`, `PodSpec`, `integer`.
    pub fn type_text(&self) -> String {
        type_text(self.ty, self.open_type)
    }

    /// The struct that it (or its items) are, such as `Container`; empty for plain values.
    pub fn struct_name(&self) -> &'static str {
        struct_name(self.ty)
    }
}

fn struct_name(ty: Type) -> &'static str {
    match shape(ty) {
        Shape::Struct(name) => name,
        Shape::List(item) | Shape::Map(item) => struct_name(item),
        Shape::Quantity => "Quantity",
        Shape::IntOrString => "IntOrString",
        Shape::Time => "Time",
        Shape::MicroTime => "MicroTime",
        _ => "",
    }
}

fn type_text(ty: Type, open_type: &str) -> String {
    match shape(ty) {
        Shape::Text | Shape::Bytes | Shape::Time | Shape::MicroTime => "string".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int32 | Shape::Int64 => "integer".to_owned(),
        Shape::Float => "number".to_owned(),
        Shape::List(item) => format!("[]{}", type_text(item, open_type)),
        Shape::Map(item) => format!("map[string]{}", type_text(item, open_type)),
        Shape::Any => if open_type.is_empty() { "Object" } else { open_type }.to_owned(),
        _ => go_type(struct_name(ty)).to_owned(),
    }
}

/// A struct's name in Go: the table has the group behind it where two groups call a type the same (`EndpointPort.discovery`).
pub(super) fn go_type(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The merge key of the list at a path, and its strategy; `None` where it is replaced as a whole.
pub fn merge_key(def: &KindDef, path: &[&str]) -> Option<(&'static str, &'static str)> {
    field(def, path).filter(|field| field.strategy.contains("merge")).map(|field| (field.merge_key, field.strategy))
}

/// How strategic merge treats the fields of a kind.
pub fn rules(def: &KindDef) -> patch::Rules {
    patch::Rules { ty: def.kind, lookup: rule }
}

fn rule(ty: Type, name: &str) -> Option<patch::Rule> {
    let field = child(ty, name)?;
    Some(patch::Rule { ty: field.ty, merge_key: field.merge_key, strategy: field.strategy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::values::object::{Value, json};

    #[test]
    fn every_kind_has_its_fields() {
        for def in kinds::ALL {
            assert!(fields(def.kind).count() > 2, "{}", def.kind);
        }
    }

    #[test]
    fn fields_are_found_by_path() {
        let text = |kind: &str, path: &[&str]| field(kinds::def(kind), path).map(|field| field.type_text());
        assert_eq!(text("Pod", &["spec", "containers", "env"]).as_deref(), Some("[]EnvVar"));
        assert_eq!(text("PersistentVolumeClaim", &["spec", "resources", "limits"]).as_deref(), Some("map[string]Quantity"));
        assert_eq!(text("PersistentVolume", &["spec", "nothing"]), None);
        assert_eq!(merge_key(kinds::def("Deployment"), &["spec", "template", "spec", "volumes"]), Some(("name", "merge,retainKeys")));
    }

    #[test]
    fn apply_makes_and_the_server_takes_strategic_patches() {
        let rules = rules(kinds::def("Deployment"));
        let pod = |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let last = pod(json!([{"name": "a", "image": "x", "env": [{"name": "E", "value": "1"}]}, {"name": "b", "image": "y"}]));
        let live = pod(
            json!([{"name": "a", "image": "x", "env": [{"name": "E", "value": "1"}], "tty": true}, {"name": "b", "image": "y"}, {"name": "injected", "image": "z"}]),
        );
        let wanted = pod(json!([{"name": "c", "image": "w"}, {"name": "a", "image": "x2"}]));
        let made = patch::three_way(&last, &live, &wanted, rules).unwrap();
        assert_eq!(
            made,
            json!({"spec": {"template": {"spec": {
                    "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}],
                    "containers": [{"name": "c", "image": "w"}, {"name": "a", "image": "x2", "env": null}, {"name": "b", "$patch": "delete"}],
            }}}})
        );
        assert_eq!(
            patch::strategic(&live, &made, rules).unwrap(),
            pod(json!([{"name": "injected", "image": "z"}, {"name": "c", "image": "w"}, {"name": "a", "image": "x2", "tty": true}]))
        );
        assert_eq!(patch::leftover(&made), json!({"spec": {"template": {"spec": {}}}}));
        let volume = |source: Value| json!({"spec": {"template": {"spec": {"volumes": [source]}}}});
        let (before, after) = (volume(json!({"name": "v", "emptyDir": {}})), volume(json!({"name": "v", "hostPath": {"path": "/x"}})));
        let made = patch::two_way(&before, &after, rules).unwrap();
        assert_eq!(
            made["spec"]["template"]["spec"]["volumes"],
            json!([{"$retainKeys": ["hostPath", "name"], "emptyDir": null, "hostPath": {"path": "/x"}, "name": "v"}])
        );
        assert_eq!(patch::strategic(&before, &made, rules).unwrap(), after);
    }

    #[test]
    fn finalizers_merge_as_plain_values() {
        let rules = rules(kinds::def("PersistentVolumeClaim"));
        let with = |list: Value| json!({"metadata": {"finalizers": list}});
        let made = patch::two_way(&with(json!(["a", "b"])), &with(json!(["b", "c"])), rules).unwrap();
        assert_eq!(
            made,
            json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["b", "c"], "finalizers": ["c"]}})
        );
        assert_eq!(patch::strategic(&with(json!(["a", "b"])), &made, rules).unwrap(), with(json!(["b", "c"])));
        assert_eq!(patch::strategic(&with(json!(["a"])), &json!({"metadata": {"finalizers": null}}), rules).unwrap(), json!({"metadata": {}}));
    }
}
