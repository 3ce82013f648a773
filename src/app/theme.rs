//! Light or dark; this browser remembers which.

use super::browser;

/// `light`, `dark`, or empty for the system's choice.
pub struct Theme(String);

impl Theme {
    /// What was chosen in an earlier visit.
    pub fn stored() -> Theme {
        Theme(browser::stored("theme").unwrap_or_default())
    }

    pub fn show(&self) {
        browser::set_theme(&self.0);
    }

    /// From light to dark or back.
    pub fn switch(&mut self) {
        let dark = if self.0.is_empty() { browser::prefers_dark() } else { self.0 == "dark" };
        self.0 = if dark { "light" } else { "dark" }.to_owned();
        self.show();
        browser::store("theme", &self.0);
    }
}
