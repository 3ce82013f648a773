//! The time line: the user's commands and the cluster's events in the order in which they came. Going back on it undoes, going on does
//! again; what lies ahead stays until something else is done.

use super::browser;
use super::effect::{Effect, Link};
use super::events::EventList;
use super::history::History;
use super::notices::what_lies_between;
use crate::playground::share::{Live, QUANTUM};
use yew::prelude::*;

/// The shortest time that the line stands for, in steps: two minutes.
const LEAST: u64 = 2 * 60 * 20;

pub enum Msg {
    /// Goes to a place of the line.
    To(usize),
    /// Goes to the place that is nearest to a part of the line, from 0 to 1.
    Near(f64),
}

/// What a message asks for: to undo or do again so many steps.
pub fn update(msg: Msg, history: &History, live: &Live) -> Vec<Effect> {
    let (points, place) = history.points(live);
    let wanted = match msg {
        Msg::To(wanted) => wanted.min(points.len() - 1),
        Msg::Near(fraction) => {
            let step = (fraction * end(&points) as f64) as u64;
            (0..points.len()).min_by_key(|place| points[*place].steps().abs_diff(step)).unwrap_or(0)
        }
    };
    (0..wanted.abs_diff(place)).map(|_| if wanted < place { Effect::Undo } else { Effect::Redo }).collect()
}

/// A step as minutes and seconds.
fn clock(step: u64) -> String {
    let seconds = step * QUANTUM.0 / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn percent(step: u64, end: u64) -> String {
    format!("left:{}%", (step * 1000 / end.max(1)) as f64 / 10.0)
}

/// The step at which the line ends.
fn end(points: &[&Live]) -> u64 {
    points.iter().map(|live| live.steps()).max().unwrap_or(0).max(LEAST)
}

/// Where on the line the pointer is, from 0 to 1.
fn fraction(event: &PointerEvent) -> Option<f64> {
    let track = event.current_target()?;
    let place = wasm_bindgen::JsCast::dyn_ref::<web_sys::Element>(&track)?.get_bounding_client_rect();
    Some(((f64::from(event.client_x()) - place.left()) / place.width()).clamp(0.0, 1.0))
}

pub fn view(history: &History, live: &Live, events: &EventList, link: &Link<Msg>) -> Html {
    let (points, place) = history.points(live);
    let (last, end, here) = (points.len() - 1, end(&points), live.steps());
    let before = |place: usize| {
        let (words, what) = what_lies_between(points[place + 1], points[place]);
        format!("before {}", format!("{words} {what}").trim())
    };
    let keys = link.send_some(move |event: KeyboardEvent| {
        let wanted = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => place.saturating_sub(1),
            "ArrowRight" | "ArrowUp" => place + 1,
            "Home" => 0,
            "End" => last,
            _ => return None,
        };
        event.prevent_default();
        Some(Msg::To(wanted))
    });
    let press = link.send_some(|event: PointerEvent| {
        browser::capture(&event);
        fraction(&event).map(Msg::Near)
    });
    let drag = link.send_some(|event: PointerEvent| fraction(&event).filter(|_| event.buttons() == 1).map(Msg::Near));
    let now = live.session.cluster().now();
    let happened = events.times().filter_map(|at| here.checked_sub((now - at).0 / QUANTUM.0));
    html! {
        <div class="timeline small dim">
            <span>{ clock(0) }</span>
            <div class="track" role="slider" tabindex="0" aria-label="Time line" aria-valuemin="0" aria-valuemax={last.to_string()} aria-valuenow={place.to_string()}
                aria-valuetext={if place == last { "now".to_owned() } else { before(place) }} onkeydown={keys} onpointerdown={press} onpointermove={drag}>
                { for happened.map(|step| html! { <i style={percent(step, end)}></i> }) }
                { for (0..last).map(|place| html! { <i class="own" style={percent(points[place].steps(), end)} title={before(place)}></i> }) }
                <i class="here" style={percent(here, end)}></i>
            </div>
            <span>{ clock(end) }</span>
            if place < last { <button class="btn" onclick={link.send(move |_| Msg::To(last))}>{ "Back to now" }</button> }
        </div>
    }
}
