//! Undo and redo: the points of the past, and of what was undone.

use super::console::screen::Screen;
use crate::playground::share::{Action, Live};
use std::rc::Rc;

/// How many undo points are kept.
const UNDO_MAX: usize = 200;

/// A point that undo returns to: the session, and what its console had printed.
#[derive(Clone)]
pub struct Point {
    pub live: Live,
    pub screen: Screen,
}

/// Whether an edit of a file goes on with the edit before: keystrokes are no steps of their own.
pub fn goes_on(live: &Live, file: &str) -> bool {
    matches!(live.entries().last(), Some((_, Action::File(name, _))) if name == file)
}

/// A direction in time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To undo.
    Back,
    /// To do again.
    On,
}

/// Where undo and redo lead.
pub struct History {
    undo: Vec<Point>,
    redo: Vec<Point>,
}

impl History {
    pub fn new(undo: Vec<Point>) -> History {
        let mut history = History { undo, redo: Vec::new() };
        history.forget_oldest();
        history
    }

    /// Keeps an undo point; what was undone is forgotten.
    pub fn remember(&mut self, point: Point) {
        self.undo.push(point);
        self.forget_oldest();
        self.forget_undone();
    }

    /// Keeps the undo points of another session, after those of this one.
    pub fn go_on_with(&mut self, undo: Vec<Point>) {
        self.undo.extend(undo);
        self.forget_oldest();
    }

    /// Nothing can be done again any more.
    pub fn forget_undone(&mut self) {
        self.redo.clear();
    }

    /// Nothing can be undone any more.
    pub fn forget_past(&mut self) {
        self.undo.clear();
    }

    fn forget_oldest(&mut self) {
        self.undo.drain(..self.undo.len().saturating_sub(UNDO_MAX));
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// The point one step away; from there `here` is one step the other way. `None`: there is none.
    pub fn travel(&mut self, way: Way, here: Point) -> Option<Point> {
        let (from, to) = match way {
            Way::Back => (&mut self.undo, &mut self.redo),
            Way::On => (&mut self.redo, &mut self.undo),
        };
        let point = from.pop()?;
        to.push(here);
        Some(point)
    }

    /// Undo points, the present and what can be done again, as far as they are of one beginning; and the place of the present.
    pub fn points<'a>(&'a self, present: &'a Live) -> (Vec<&'a Live>, usize) {
        let same = |live: &&Live| Rc::ptr_eq(&live.start, &present.start);
        let mut points: Vec<&Live> = self.undo.iter().map(|point| &point.live).filter(same).collect();
        let place = points.len();
        points.push(present);
        points.extend(self.redo.iter().rev().map(|point| &point.live).filter(same));
        (points, place)
    }
}
