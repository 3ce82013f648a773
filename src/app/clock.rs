//! Time goes on: how fast, and when the cluster is looked at again.

use super::browser;
use crate::playground::share::{Live, QUANTUM};

/// Speeds, in simulated seconds a second.
const SPEEDS: [u32; 4] = [1, 2, 5, 20];
/// The most time that one tick may catch up, in milliseconds: a tab in the background does not run ahead.
const CATCH_UP_MS: f64 = 400.0;
/// How long one tick may work, in milliseconds.
const FRAME_MS: f64 = 10.0;
/// The least time between two looks at the cluster, in milliseconds, and how much longer than a look that time is.
const LOOK_MS: f64 = 40.0;
const LOOK_SHARE: f64 = 8.0;

/// The simulated time's relation to the browser's. All times are in milliseconds of the browser's clock.
pub struct Clock {
    paused: bool,
    /// Which of `SPEEDS`.
    speed: usize,
    last_tick: f64,
    /// Simulated time that has not been let pass yet, in milliseconds.
    owed: f64,
    /// A step of time is under way: the rest of it was too much for one tick.
    behind: bool,
    /// When the cluster is looked at again; what takes long is done less often.
    look_at: f64,
}

impl Clock {
    pub fn new() -> Clock {
        Clock { paused: false, speed: 0, last_tick: browser::now(), owed: 0.0, behind: false, look_at: 0.0 }
    }

    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Stops time, or lets it go on.
    pub fn pause(&mut self) {
        self.paused = !self.paused;
    }

    /// The next speed; after the fastest, the slowest.
    pub fn change_speed(&mut self) {
        self.speed = (self.speed + 1) % SPEEDS.len();
    }

    /// In simulated seconds a second.
    pub fn speed(&self) -> u32 {
        SPEEDS[self.speed]
    }

    /// Lets time pass in a session. `None`: it is paused; true: another second of the browser's clock has begun.
    pub fn tick(&mut self, now: f64, live: &mut Live) -> Option<bool> {
        let passed = (now - self.last_tick).min(CATCH_UP_MS);
        self.last_tick = now;
        self.behind = false;
        if self.paused {
            return None;
        }
        self.owed += passed * f64::from(self.speed());
        let quantum = QUANTUM.0 as f64;
        while self.owed >= quantum {
            self.behind = !live.tick_while(&mut || browser::now() - now <= FRAME_MS);
            self.owed -= quantum;
            if self.behind || browser::now() - now > FRAME_MS {
                // A machine that is too slow for the speed lets time go slower, not faster later: no more than the step under way is left.
                self.owed = if self.behind { quantum } else { 0.0 };
                break;
            }
        }
        Some((now / 1000.0) as u64 != ((now - passed) / 1000.0) as u64)
    }

    /// Whether a step of time waits for the next tick to go on.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// Whether it is time to look at the cluster again.
    pub fn is_due(&self, now: f64) -> bool {
        now >= self.look_at
    }

    /// The cluster was looked at from then until now.
    pub fn looked(&mut self, began: f64) {
        let ended = browser::now();
        self.look_at = ended + ((ended - began) * LOOK_SHARE).max(LOOK_MS);
    }
}
