//! The diff behind `spec is immutable after creation`: the server's own (internal) structs, old and new, printed as JSON.
//! Models apimachinery/pkg/util/diff, which lends its comparison to go-difflib. `schema/internal.txt` holds the structs.

use super::schema::row;
use crate::values::jsonpath::go_string;
use crate::values::object::{Map, Value};
use std::collections::BTreeMap;

const INTERNAL: &str = include_str!("schema/internal.txt");
/// Structs of other groups than core, and small ones, that messages quote.
const MORE: &str = "DaemonSetUpdateStrategy\tType type s\tRollingUpdate rollingUpdate *RollingUpdateDaemonSet
DeploymentStrategy\tType type s\tRollingUpdate rollingUpdate *RollingUpdateDeployment
PodDisruptionBudgetSpec\tMinAvailable minAvailable *IntOrString\tSelector selector *LabelSelector\tMaxUnavailable maxUnavailable *IntOrString\tUnhealthyPodEvictionPolicy unhealthyPodEvictionPolicy *s
RollingUpdateDaemonSet\tMaxUnavailable maxUnavailable IntOrString\tMaxSurge maxSurge IntOrString
RollingUpdateDeployment\tMaxUnavailable maxUnavailable IntOrString\tMaxSurge maxSurge IntOrString
RollingUpdateStatefulSetStrategy\tPartition partition i32\tMaxUnavailable maxUnavailable *IntOrString
ServicePort\tName name s\tProtocol protocol s\tAppProtocol appProtocol *s\tPort port i32\tTargetPort targetPort IntOrString\tNodePort nodePort i32
StatefulSetUpdateStrategy\tType type s\tRollingUpdate rollingUpdate *RollingUpdateStatefulSetStrategy
VolumeNodeAffinity\tRequired required *NodeSelector";
/// Lines around a change.
const CONTEXT: usize = 3;
/// From this length on, lines that come too often are no anchors for the comparison (difflib's "autojunk").
const JUNK_FROM: usize = 200;

/// A unified diff without a file header of two values of an internal type, such as `PodSpec` or `PersistentVolumeSource`;
/// empty where they print the same.
pub fn diff(type_name: &str, old: &Value, new: &Value) -> String {
    unified(&render(type_name, old), &render(type_name, new))
}

/// A value of an internal type as Go's json.Marshal prints it, on one line: what messages quote of structs.
pub fn json(type_name: &str, value: &Value) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    if type_name == "LabelSelector" {
        let mut printer = Printer { lines: vec![String::new()] };
        let full = value.as_object().into_iter().flatten().filter(|(_, part)| !matches!(part, Value::Object(map) if map.is_empty()));
        printer.plain(&full.map(|(key, part)| (key, part.clone())).collect(), 0);
        return printer.lines.iter().map(|line| compact(line.trim_start())).collect();
    }
    if type_name == "PodTemplateSpec" {
        // Its metadata is embedded: those fields stand beside `Spec`, under their JSON names.
        let metadata = value.get("metadata").map(Value::to_string).unwrap_or_default();
        let metadata = metadata.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or("");
        let comma = if metadata.is_empty() { "" } else { "," };
        return format!("{{{metadata}{comma}\"Spec\":{}}}", json("PodSpec", &value["spec"]));
    }
    render(type_name, value).iter().map(|line| compact(line.trim_start())).collect()
}

/// A line of the indented form without the blank behind its key.
fn compact(line: &str) -> String {
    // A key is quoted and cannot hold a bare quote, so the first `": ` ends it.
    match line.find("\": ") {
        Some(at) if line.starts_with('"') => format!("{}{}", &line[..at + 2], &line[at + 3..]),
        _ => line.to_owned(),
    }
}

fn render(type_name: &str, value: &Value) -> Vec<String> {
    let mut printer = Printer { lines: vec![String::new()] };
    match value {
        Value::Object(map) => printer.strukt(type_name, map, 0),
        _ => printer.add("null"),
    }
    printer.lines
}

/// Prints as Go's json.MarshalIndent with one blank.
struct Printer {
    lines: Vec<String>,
}

impl Printer {
    fn add(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn line(&mut self, depth: usize) {
        self.lines.push(" ".repeat(depth));
    }

    fn key(&mut self, name: &str, first: bool, depth: usize) {
        if !first {
            self.add(",");
        }
        self.line(depth);
        let mut text = String::new();
        go_string(name, &mut text);
        text.push_str(": ");
        self.add(&text);
    }

    fn strukt(&mut self, type_name: &str, map: &Map, depth: usize) {
        let fields = row(INTERNAL, type_name).or_else(|| row(MORE, type_name)).unwrap_or("");
        self.add("{");
        for (index, field) in fields.split('\t').filter(|field| !field.is_empty()).enumerate() {
            let mut words = field.split(' ');
            let (name, json, ty) = (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
            self.key(name, index == 0, depth + 1);
            let value = map.get(json).unwrap_or(&Value::Null);
            if name == "SecurityContext" && type_name == "PodSpec" {
                self.strukt("PodSecurityContext", &pod_security_context(map), depth + 1);
            } else {
                self.value(ty, value, depth + 1);
            }
        }
        if !fields.is_empty() {
            self.line(depth);
        }
        self.add("}");
    }

    fn value(&mut self, ty: &str, value: &Value, depth: usize) {
        if let Some(item) = ty.strip_prefix("[]") {
            return match value.as_array() {
                Some(items) => self.list(item, items, depth),
                None => self.add("null"),
            };
        }
        if let Some(item) = ty.strip_prefix("{}") {
            return match value.as_object() {
                Some(map) => self.map(item, map, depth),
                None => self.add("null"),
            };
        }
        if let Some(item) = ty.strip_prefix('*') {
            return if value.is_null() { self.add("null") } else { self.value(item, value, depth) };
        }
        match (ty, value) {
            ("s", Value::Null) => self.add("\"\""),
            ("b", Value::Null) => self.add("false"),
            ("i32" | "i64" | "IntOrString", Value::Null) => self.add("0"),
            ("Quantity", Value::Null) => self.add("\"0\""),
            ("s" | "b" | "i32" | "i64" | "y" | "f64" | "Any" | "Quantity" | "IntOrString", value) => self.plain(value, depth),
            (name, value) => {
                let empty = Map::new();
                self.strukt(name, value.as_object().unwrap_or(&empty), depth);
            }
        }
    }

    fn list(&mut self, item: &str, items: &[Value], depth: usize) {
        self.add("[");
        for (index, entry) in items.iter().enumerate() {
            if index > 0 {
                self.add(",");
            }
            self.line(depth + 1);
            self.value(item, entry, depth + 1);
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.add("]");
    }

    fn map(&mut self, item: &str, map: &Map, depth: usize) {
        self.add("{");
        // The one type with JSON names whose fields are not in the order of the alphabet is a label selector.
        let first = map.get_key_value("matchLabels").filter(|_| item == "Any");
        let rest = map.iter().filter(|(key, _)| first.is_none() || *key != "matchLabels");
        // JSON names of a type's own leave out what is empty.
        let is_empty = |entry: &Value| entry.as_object().is_some_and(Map::is_empty) || entry.as_array().is_some_and(Vec::is_empty);
        let shown = first.into_iter().chain(rest).filter(|(_, entry)| item != "Any" || !is_empty(entry));
        for (index, (key, entry)) in shown.enumerate() {
            self.key(key, index == 0, depth + 1);
            self.value(item, entry, depth + 1);
        }
        if !map.is_empty() {
            self.line(depth);
        }
        self.add("}");
    }

    /// Types with JSON names of their own, such as a label selector, print as they are.
    fn plain(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(map) => self.map("Any", map, depth),
            Value::Array(items) => self.list("Any", &items.iter().map(requirement).collect::<Vec<_>>(), depth),
            Value::String(text) => {
                let mut quoted = String::new();
                go_string(text, &mut quoted);
                self.add(&quoted);
            }
            other => self.add(&other.to_string()),
        }
    }
}

/// A requirement of a label selector always has its key, and its values only where there are some; else what it is.
fn requirement(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(map) = item.as_object_mut().filter(|map| map.contains_key("operator") || map.contains_key("values")) {
        for name in ["key", "operator"] {
            map.entry(name).or_insert_with(|| Value::from(""));
        }
        if map.get("values").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            map.remove("values");
        }
    }
    item
}

/// Internally the pod's host flags are part of its security context, which is always there.
fn pod_security_context(spec: &Map) -> Map {
    let mut context = spec.get("securityContext").and_then(Value::as_object).cloned().unwrap_or_default();
    for name in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"] {
        if let Some(value) = spec.get(name) {
            context.insert(name, value.clone());
        }
    }
    context
}

/// A stretch of equal lines: where it begins in the old and the new text, and its length.
type Block = (usize, usize, usize);

/// A stretch of a hunk: `=` equal or `~` changed, its lines in the old and in the new text.
type Stretch = (char, usize, usize, usize, usize);

/// The hunks of a unified diff of two texts in lines.
pub fn unified(old: &[String], new: &[String]) -> String {
    let mut blocks = Vec::new();
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(index);
    }
    if new.len() >= JUNK_FROM {
        places.retain(|_, found| found.len() <= new.len() / 100 + 1);
    }
    matching_blocks(old, new, &places, &mut blocks);
    blocks.push((old.len(), new.len(), 0));
    let mut hunks: Vec<Vec<Stretch>> = Vec::new();
    let mut hunk = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let last = blocks.len() - 1;
    for (index, (old_block, new_block, length)) in blocks.into_iter().enumerate() {
        if old_at < old_block || new_at < new_block {
            hunk.push(('~', old_at, old_block, new_at, new_block));
        }
        (old_at, new_at) = (old_block + length, new_block + length);
        let changed_before = !hunk.is_empty();
        if length > 0 {
            if changed_before && (length > 2 * CONTEXT || index == last) {
                let end = CONTEXT.min(length);
                hunk.push(('=', old_block, old_block + end, new_block, new_block + end));
                hunks.push(std::mem::take(&mut hunk));
            }
            if length > 2 * CONTEXT || !changed_before {
                let skip = length.saturating_sub(CONTEXT);
                hunk = vec![('=', old_block + skip, old_at, new_block + skip, new_at)];
            } else {
                hunk.push(('=', old_block, old_at, new_block, new_at));
            }
        }
    }
    if hunk.iter().any(|part| part.0 == '~') {
        if let Some(part) = hunk.last_mut().filter(|part| part.0 == '=') {
            part.2 = part.2.min(part.1 + CONTEXT);
            part.4 = part.4.min(part.3 + CONTEXT);
        }
        hunks.push(hunk);
    }
    let mut out = String::new();
    for hunk in hunks {
        print_hunk(&hunk, old, new, &mut out);
    }
    out
}

fn print_hunk(hunk: &[Stretch], old: &[String], new: &[String], out: &mut String) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let range = |start: usize, stop: usize| match stop - start {
        1 => format!("{}", start + 1),
        0 => format!("{start},0"),
        length => format!("{},{length}", start + 1),
    };
    out.push_str(&format!("@@ -{} +{} @@\n", range(first.1, last.2), range(first.3, last.4)));
    let mut lines = |mark: char, lines: &[String]| {
        for line in lines {
            out.push(mark);
            out.push_str(line);
            out.push('\n');
        }
    };
    for (kind, old_start, old_end, new_start, new_end) in hunk {
        if *kind == '=' {
            lines(' ', &old[*old_start..*old_end]);
        } else {
            lines('-', &old[*old_start..*old_end]);
            lines('+', &new[*new_start..*new_end]);
        }
    }
}

/// Models SequenceMatcher: the longest match, then the same before and behind it; touching blocks are joined.
fn matching_blocks(old: &[String], new: &[String], places: &BTreeMap<&str, Vec<usize>>, blocks: &mut Vec<Block>) {
    let mut found = Vec::new();
    let mut queue = vec![(0, old.len(), 0, new.len())];
    while let Some((old_low, old_high, new_low, new_high)) = queue.pop() {
        let (old_at, new_at, length) = longest_match(old, new, places, (old_low, old_high, new_low, new_high));
        if length > 0 {
            found.push((old_at, new_at, length));
            queue.push((old_low, old_at, new_low, new_at));
            queue.push((old_at + length, old_high, new_at + length, new_high));
        }
    }
    found.sort();
    for block in found {
        match blocks.last_mut() {
            Some(last) if last.0 + last.2 == block.0 && last.1 + last.2 == block.1 => last.2 += block.2,
            _ => blocks.push(block),
        }
    }
}

fn longest_match(
    old: &[String],
    new: &[String],
    places: &BTreeMap<&str, Vec<usize>>,
    (old_low, old_high, new_low, new_high): (usize, usize, usize, usize),
) -> Block {
    let mut best: Block = (old_low, new_low, 0);
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, line) in old.iter().enumerate().take(old_high).skip(old_low) {
        let mut next = BTreeMap::new();
        for &at in places.get(line.as_str()).into_iter().flatten().filter(|at| (new_low..new_high).contains(*at)) {
            let length = at.checked_sub(1).and_then(|before| lengths.get(&before)).copied().unwrap_or(0) + 1;
            next.insert(at, length);
            if length > best.2 {
                best = (index + 1 - length, at + 1 - length, length);
            }
        }
        lengths = next;
    }
    // Lines that are no anchors may still lengthen a match.
    while best.0 > old_low && best.1 > new_low && old[best.0 - 1] == new[best.1 - 1] {
        best = (best.0 - 1, best.1 - 1, best.2 + 1);
    }
    while best.0 + best.2 < old_high && best.1 + best.2 < new_high && old[best.0 + best.2] == new[best.1 + best.2] {
        best.2 += 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    #[test]
    fn claims_differ_in_gos_order() {
        let old = json!({"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "a"});
        let new = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
        assert_eq!(
            diff("PersistentVolumeClaimSpec", &old, &new),
            "@@ -1,6 +1,6 @@\n {\n  \"AccessModes\": [\n-  \"ReadWriteMany\"\n+  \"ReadWriteOnce\"\n  ],\n  \"Selector\": null,\n  \"Resources\": {\n@@ -10,7 +10,7 @@\n   }\n  },\n  \"VolumeName\": \"\",\n- \"StorageClassName\": \"a\",\n+ \"StorageClassName\": null,\n  \"VolumeMode\": null,\n  \"DataSource\": null,\n  \"DataSourceRef\": null,\n"
        );
        assert_eq!(diff("PersistentVolumeClaimSpec", &old, &old), "");
    }

    #[test]
    fn a_volumes_source_may_go() {
        let (old, new) = (json!({"hostPath": {"path": "/mnt/data", "type": "DirectoryOrCreate"}}), json!({}));
        let text = diff("PersistentVolumeSource", &old, &new);
        assert!(text.starts_with("@@ -1,10 +1,7 @@\n {\n  \"GCEPersistentDisk\": null,\n  \"AWSElasticBlockStore\": null,\n- \"HostPath\": {\n-  \"Path\": \"/mnt/data\",\n-  \"Type\": \"DirectoryOrCreate\"\n- },\n+ \"HostPath\": null,\n  \"Glusterfs\": null,\n"), "{text}");
    }

    #[test]
    fn pods_carry_host_flags_in_their_security_context() {
        let text = diff("PodSpec", &json!({"hostNetwork": true, "containers": []}), &json!({"containers": []}));
        assert!(text.contains("-  \"HostNetwork\": true,\n+  \"HostNetwork\": false,\n"), "{text}");
    }
}
