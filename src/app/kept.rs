//! What this browser keeps of the session for the next visit.

use super::{browser, late};
use crate::playground::share::Live;

/// Keeps the session; an embedded page is the course's, not the visitor's, and keeps nothing.
pub struct Kept {
    embedded: bool,
    /// What happened since the session was last kept.
    unsaved: bool,
}

impl Kept {
    /// What a link opened is kept from the start.
    pub fn new(embedded: bool) -> Kept {
        Kept { embedded, unsaved: !embedded && !browser::hash().is_empty() }
    }

    /// Keeps the session at the next tick: no command waits for it.
    pub fn save(&mut self) {
        self.unsaved = !self.embedded;
    }

    /// Keeps the session and which file is open, if anything happened.
    pub fn store(&mut self, live: &Live, open_file: &str) {
        if self.unsaved && late::here() {
            self.unsaved = false;
            browser::store("file", open_file);
            if browser::store("session", &live.link()) {
                // From here on a reload goes on with what is here, not with the link that it came from.
                browser::clear_hash();
            }
        }
    }
}
