//! Shapes of states and icons of buttons, as SVG: fonts lack some of the signs, and draw the others each in their own size.

use crate::playground::picture::Health;
use yew::prelude::*;

/// Icons by name: paths in a box of 16 by 16, drawn with a line.
const ICONS: &[(&str, &str)] = &[
    ("close", "M4 4l8 8M12 4l-8 8"),
    ("cluster", "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3"),
    ("console", "M2.5 3h11v10h-11zM5 6.5L7 8 5 9.5M8.5 10h2.5"),
    ("copy", "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"),
    ("file", "M4 2h5l3 3v9H4zM9 2v3h3"),
    ("hint", "M6 12.5h4M6.5 14.5h3M6 10.5c-3-2-2.5-8 2-8s5 6 2 8z"),
    ("labs", "M8 4v10M8 4C6.5 2.8 4 2.5 2 2.8v10C4 12.5 6.5 12.8 8 14c1.5-1.2 4-1.5 6-1.200v-10C12 2.5 9.5 2.8 8 4z"),
    ("node", "M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01"),
    ("open", "M4.5 6.500l3.5 3.500 3.500-3.500"),
    ("pause", "M5.5 3.500v9M10.5 3.500v9"),
    ("pen", "M3 13l.8-3.2L11 2.600l2.4 2.400-7.2 7.200zM9.5 4.200l2.4 2.400"),
    ("pin", "M8 9.500v4.500M5 9.500h6l-1.5-2V3h-3v4.500zM5.5 3h5"),
    ("play", "M5 3.500l7 4.5-7 4.500z"),
    ("plus", "M8 3v10M3 8h10"),
    ("redo", "M10.5 2.500l3 3-3 3M13 5.500H6a3.5 3.5 0 000 7h3"),
    ("reset", "M13 8a5 5 0 11-1.5-3.500L13 6M13 2.500V6H9.5"),
    ("search", "M7 2.500a4.500 4.500 0 100 9 4.500 4.500 0 000-9zM10.3 10.300l3.200 3.200"),
    (
        "service",
        "M5 8a1.7 1.7 0 11-3.4 0A1.7 1.7 0 015 8zM14.4 3.500a1.7 1.7 0 11-3.4 0 1.7 1.7 0 013.4 0zM14.4 12.500a1.7 1.7 0 11-3.4 0 1.7 1.7 0 013.4 0zM5 7.200l6-2.900M5 8.800l6 2.9",
    ),
    ("share", "M8 10V2M5 4.500L8 2l3 2.500M3 8v5.500h10V8"),
    ("theme", "M8 2.500a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 2.500v11M9.5 3v10M11 4v8M12.5 5.500v5"),
    ("undo", "M5.5 2.500l-3 3 3 3M3 5.500h7a3.5 3.5 0 010 7H7"),
    ("warning", "M8 2.500l6 11H2zM8 6.500v3.500M8 12h.01"),
    ("workload", "M5.5 5.500h8v8h-8zM3.5 10.500h-1v-8h8v1"),
];

pub fn icon(name: &str) -> Html {
    let path = ICONS.iter().find(|(icon, _)| *icon == name).map_or("", |(_, path)| path);
    html! { <svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg> }
}

pub fn health_class(health: Health) -> &'static str {
    match health {
        Health::Ok => "ok",
        Health::Starting => "starting",
        Health::Waiting => "waiting",
        Health::Failing => "failing",
        Health::Failed => "failed",
        Health::Ending => "ending",
        Health::Available => "available",
        Health::Released => "released",
        Health::Completed => "completed",
    }
}

/// The shape of a state, in a box of 12 by 12; its word stands beside it.
pub fn shape(health: Health) -> Html {
    let (path, filled) = match health {
        Health::Ok => ("M6 1.500a4.5 4.5 0 100 9 4.5 4.5 0 000-9z", true),
        Health::Starting => ("M6 1.500a4.5 4.5 0 100 9z", true),
        Health::Waiting => ("M6 1.500a4.5 4.5 0 100 9 4.5 4.5 0 000-9z", false),
        Health::Failing => ("M6 1.500l5 9H1z", true),
        Health::Failed => ("M2 2l8 8M10 2l-8 8", false),
        Health::Ending => ("M6 1v5M3.5 2.800a4 4 0 105 0", false),
        Health::Available => ("M6 1.200L10.8 6 6 10.8 1.2 6z", false),
        Health::Released => ("M6 1L11 6 6 11 1 6z", true),
        Health::Completed => ("M1.5 6.500l3 3 6-7", false),
    };
    html! {
        <svg class={classes!("st", health_class(health), filled.then_some("full"))} viewBox="0 0 12 12" aria-hidden="true">
            <path d={path} />
            if health == Health::Starting { <circle cx="6" cy="6" r="4.5" /> }
        </svg>
    }
}
