//! events: what happened, oldest first. Models kubectl/pkg/cmd/events.

use crate::commands::cli::table;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::events::interval;
use crate::commands::kubectl::request::print::Format;
use crate::commands::kubectl::request::{print, resources};
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, json};
use std::rc::Rc;

fn last_time(event: &Object) -> Instant {
    let times = [event.str(&["series", "lastObservedTime"]), event.str(&["lastTimestamp"]), event.str(&["eventTime"])];
    times.into_iter().find_map(Instant::parse).unwrap_or_default()
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let everywhere = invocation.args.on("all-namespaces");
    let namespace = invocation.namespace();
    let wanted: Vec<String> = invocation.args.values("types").to_vec();
    for kind in &wanted {
        if !["normal", "warning"].contains(&kind.to_ascii_lowercase().as_str()) {
            return Err(Failure::plain("valid --types are Normal or Warning"));
        }
    }
    let about = match invocation.args.text("for") {
        "" => None,
        text => {
            let (kind, name) = text.split_once('/').ok_or_else(|| Failure::plain("--for must be in resource/name form"))?;
            Some((resources::kind(kind)?.kind, name.to_owned()))
        }
    };
    let now = invocation.now();
    let listed = invocation.cluster.api.list("Event", (!everywhere).then_some(namespace.as_str()));
    let mut events: Vec<Rc<Object>> = listed
        .filter(|event| wanted.is_empty() || wanted.iter().any(|kind| kind.eq_ignore_ascii_case(event.str(&["type"]))))
        .filter(|event| {
            let of = |field| event.str(&["involvedObject", field]);
            about.as_ref().is_none_or(|(kind, name)| of("kind") == *kind && of("name") == name)
        })
        .cloned()
        .collect();
    events.sort_by_key(|event| last_time(event));
    let format = print::format(invocation, print::OBJECTS)?;
    if !matches!(format, Format::Table { .. }) {
        let items: Vec<&Value> = events.iter().map(|event| &event.0).collect();
        let list = json!({"apiVersion": "v1", "items": items, "kind": "EventList", "metadata": {}});
        // The events of upstream's list have no kind of their own, so no name is printed.
        let text = if format == Format::Name { String::new() } else { print::tree(&format, &list)? };
        invocation.output.out(&text);
        return Ok(None);
    }
    if events.is_empty() {
        let place = if everywhere { String::new() } else { format!(" in {namespace} namespace") };
        invocation.output.warn(&format!("No events found{place}."));
        return Ok(None);
    }
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            let text = |path: &[&str]| event.str(path).to_owned();
            let object = format!("{}/{}", text(&["involvedObject", "kind"]), text(&["involvedObject", "name"]));
            let mut row = vec![interval(event, now), text(&["type"]), text(&["reason"]), object, text(&["message"]).trim().to_owned()];
            if everywhere {
                row.insert(0, event.namespace().to_owned());
            }
            row
        })
        .collect();
    let mut header: Vec<String> = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"].map(str::to_owned).to_vec();
    if everywhere {
        header.insert(0, "NAMESPACE".to_owned());
    }
    invocation.output.out(&table::table((!invocation.args.on("no-headers")).then_some(&header[..]), &rows));
    Ok(None)
}
