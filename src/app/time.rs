//! Time goes on, and what the panes show is derived again from what came of it.

use super::details;
use super::{App, SPEEDS, browser, events};
use crate::playground::layout::Scene;
use crate::playground::picture::Picture;
use crate::playground::share::QUANTUM;

/// The most time that one tick may catch up, in milliseconds: a tab in the background does not run ahead.
const CATCH_UP_MS: f64 = 400.0;
/// How long one tick may work, in milliseconds.
const FRAME_MS: f64 = 10.0;
/// The least time between two looks at the cluster, in milliseconds, and how much longer than a look that time is.
const LOOK_MS: f64 = 40.0;
const LOOK_SHARE: f64 = 8.0;

impl App {
    pub(super) fn tick(&mut self) -> bool {
        self.store();
        let now = browser::now();
        let passed = (now - self.last_tick).min(CATCH_UP_MS);
        self.last_tick = now;
        if self.paused {
            return self.measure() | self.glow.fade(now) | self.forget_toast(now);
        }
        self.owed += passed * f64::from(SPEEDS[self.speed]);
        let quantum = QUANTUM.0 as f64;
        while self.owed >= quantum {
            self.live.tick();
            self.owed -= quantum;
            if browser::now() - now > FRAME_MS {
                // A machine that is too slow for the speed lets time go slower, not faster later.
                self.owed = 0.0;
            }
        }
        let printed = self.take_output();
        self.type_pending();
        self.look_after_command();
        let looked = now >= self.look_at && self.refresh();
        let told = self.forget_toast(now);
        // Ages go on by themselves.
        let second = (now / 1000.0) as u64 != ((now - passed) / 1000.0) as u64;
        printed | looked | second | told | self.glow.fade(now) | self.measure()
    }

    /// Lays the picture out again where its pane has another width. True: it has.
    fn measure(&mut self) -> bool {
        let room = browser::inner_width("canvas");
        if room == 0 || room == self.room {
            return false;
        }
        self.room = room;
        self.lay_out();
        true
    }

    /// Moves what the session printed to the screen. True: something was.
    pub(super) fn take_output(&mut self) -> bool {
        self.screen.take_from(&mut self.live.session)
    }

    /// Derives what the panes show, where the cluster changed. True: something did.
    pub(super) fn refresh(&mut self) -> bool {
        let began = browser::now();
        let version = self.live.session.cluster.api.store.version();
        let picture = Picture::of(&self.live.session.cluster);
        let (news, looks_other) = (version != self.seen_version, picture != self.picture);
        if looks_other {
            if self.seen_version != 0 {
                self.glow.note(&self.picture, &picture, began);
            }
            self.picture = picture;
            self.lay_out();
        }
        if news {
            self.events = events::rows(&self.live.session.cluster, None);
        }
        self.seen_version = version;
        if news || looks_other {
            self.look_at_lab();
            self.refresh_details();
        }
        let ended = browser::now();
        self.look_at = ended + ((ended - began) * LOOK_SHARE).max(LOOK_MS);
        news || looks_other
    }

    pub(super) fn lay_out(&mut self) {
        self.scene = Scene::of(&self.picture, self.room, &self.unfolded);
    }

    pub(super) fn refresh_details(&mut self) {
        let shown = self.selected.as_ref().map(|key| details::content(&self.live.session, key, self.tab, self.file.as_deref()));
        self.details = shown.unwrap_or_default();
    }
}
