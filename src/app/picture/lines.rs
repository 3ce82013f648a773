//! The lines of the picture: who owns, serves or is bound to whom.

use crate::app::icons::icon;
use crate::playground::layout::{Line, Reference};
use yew::prelude::*;

/// What is selected or pointed at, as far as lines go from it.
pub struct Chosen {
    pub chain: Option<usize>,
    pub owner: Option<usize>,
    pub service: Option<usize>,
}

impl Chosen {
    pub fn holds(&self, line: &Line) -> bool {
        match line.reference {
            Reference::Serves => self.service.is_some() && line.of == self.service,
            Reference::Owns if self.owner.is_some() => line.of == self.owner,
            _ => self.chain.is_some() && line.chain == self.chain,
        }
    }
}

pub fn view_line(line: &Line, chosen: bool) -> Html {
    let (Some((x, y)), Some((end_x, end_y))) = (line.points.first().copied(), line.points.last().copied()) else { return Html::default() };
    // Lines of services show while theirs is chosen only.
    if line.reference == Reference::Serves && !chosen {
        return Html::default();
    }
    let class = classes!(
        "ref",
        chosen.then_some("on"),
        match line.reference {
            Reference::Lost => "lost",
            Reference::Open => "open",
            Reference::Serves => "serves",
            _ => "",
        }
    );
    let mut path = format!("M{x}.5 {y}");
    line.points.iter().skip(1).for_each(|(x, y)| path += &format!("L{x}.5 {y}"));
    let head = |x: i32, y: i32, back: i32| html! { <path class="head" d={format!("M{}.5 {}h6l-3 {}z", x - 3, y - back, back)} /> };
    html! {
        <g {class}>
            <path d={path} />
            if line.reference == Reference::Open { <circle cx={format!("{end_x}.5")} cy={(end_y - 4).to_string()} r="3.5" /> }
            if !matches!(line.reference, Reference::Open | Reference::Lost) { { head(end_x, end_y, 5) } }
            if line.reference == Reference::Bound { { head(x, y, -5) } }
        </g>
    }
}

/// The finalizer on the line that holds.
pub fn view_pin(line: &Line) -> Option<Html> {
    let holder = line.pin.as_ref()?;
    let (x, y) = line.points.last().copied()?;
    Some(html! { <span class="pin small" style={format!("left:{x}px;top:{}px", y - 21)}>{ icon("pin") }{ holder }</span> })
}
