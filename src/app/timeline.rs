//! The time line: the user's commands and the cluster's events in the order in which they came. Going back on it undoes, going on does
//! again; what lies ahead stays until something else is done.

use super::toast::what_lies_between;
use super::{App, Msg, browser};
use crate::playground::share::{Live, QUANTUM};
use std::rc::Rc;
use yew::prelude::*;

/// The shortest time that the line stands for, in steps: two minutes.
const LEAST: u64 = 2 * 60 * 20;

/// A step as minutes and seconds.
fn clock(step: u64) -> String {
    let seconds = step * QUANTUM.0 / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn percent(step: u64, end: u64) -> String {
    format!("left:{}%", (step * 1000 / end.max(1)) as f64 / 10.0)
}

/// Where on the line the pointer is, from 0 to 1.
fn fraction(event: &PointerEvent) -> Option<f64> {
    let track = event.current_target()?;
    let place = wasm_bindgen::JsCast::dyn_ref::<web_sys::Element>(&track)?.get_bounding_client_rect();
    Some(((f64::from(event.client_x()) - place.left()) / place.width()).clamp(0.0, 1.0))
}

impl App {
    /// Undo points, the present and what can be done again, as far as they are of one beginning; and the place of the present.
    fn points(&self) -> (Vec<&Live>, usize) {
        let same = |live: &&Live| Rc::ptr_eq(&live.start, &self.live.start);
        let mut points: Vec<&Live> = self.undo.iter().map(|point| &point.live).filter(same).collect();
        let place = points.len();
        points.push(&self.live);
        points.extend(self.redo.iter().rev().map(|point| &point.live).filter(same));
        (points, place)
    }

    /// Goes to the point at a place of the line.
    pub(super) fn travel_to(&mut self, wanted: usize) {
        let (points, place) = self.points();
        let wanted = wanted.min(points.len() - 1);
        for _ in 0..wanted.abs_diff(place) {
            self.travel(wanted < place);
        }
    }

    /// The place of the point that is nearest to a part of the line.
    pub(super) fn point_at(&self, fraction: f64) -> usize {
        let (points, _) = self.points();
        let step = (fraction * self.end(&points) as f64) as u64;
        (0..points.len()).min_by_key(|place| points[*place].steps().abs_diff(step)).unwrap_or(0)
    }

    fn end(&self, points: &[&Live]) -> u64 {
        points.iter().map(|live| live.steps()).max().unwrap_or(0).max(LEAST)
    }

    pub(super) fn view_timeline(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let (points, place) = self.points();
        let (last, end, here) = (points.len() - 1, self.end(&points), self.live.steps());
        let before = |place: usize| {
            let (words, what) = what_lies_between(points[place + 1], points[place]);
            format!("before {}", format!("{words} {what}").trim())
        };
        let keys = link.batch_callback(move |event: KeyboardEvent| {
            let wanted = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => place.saturating_sub(1),
                "ArrowRight" | "ArrowUp" => place + 1,
                "Home" => 0,
                "End" => last,
                _ => return None,
            };
            event.prevent_default();
            Some(Msg::TravelTo(wanted))
        });
        let press = link.batch_callback(|event: PointerEvent| {
            browser::capture(&event);
            fraction(&event).map(Msg::TravelNear)
        });
        let drag = link.batch_callback(|event: PointerEvent| fraction(&event).filter(|_| event.buttons() == 1).map(Msg::TravelNear));
        let now = self.live.session.cluster.now();
        let passed = |at| here.checked_sub((now - at).0 / QUANTUM.0);
        let events = self.events.iter().filter_map(|event| passed(event.at));
        html! {
            <div class="timeline small dim">
                <span>{ clock(0) }</span>
                <div class="track" role="slider" tabindex="0" aria-label="Time line" aria-valuemin="0" aria-valuemax={last.to_string()} aria-valuenow={place.to_string()}
                    aria-valuetext={if place == last { "now".to_owned() } else { before(place) }} onkeydown={keys} onpointerdown={press} onpointermove={drag}>
                    { for events.map(|step| html! { <i style={percent(step, end)}></i> }) }
                    { for (0..last).map(|place| html! { <i class="own" style={percent(points[place].steps(), end)} title={before(place)}></i> }) }
                    <i class="here" style={percent(here, end)}></i>
                </div>
                <span>{ clock(end) }</span>
                if place < last { <button class="btn" onclick={link.callback(move |_| Msg::TravelTo(last))}>{ "Back to now" }</button> }
            </div>
        }
    }
}
