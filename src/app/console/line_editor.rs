//! The console's input line: its history, search and completion.

/// How many lines the history keeps.
const HISTORY_MAX: usize = 500;

/// A key of the input line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Enter,
    Interrupt,
    End,
    Clear,
    Complete,
    Older,
    Newer,
    Search,
    Escape,
}

/// The input line with its history and search.
#[derive(Clone, Default)]
pub struct LineEditor {
    text: String,
    history: Vec<String>,
    /// Which entry is shown, from the newest; `None`: the line being typed.
    place: Option<usize>,
    /// Ctrl-R: what is looked for, and how many matches are skipped.
    search: Option<(String, usize)>,
}

impl LineEditor {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the input shows: the line, or what Ctrl-R looks for.
    pub fn typed(&self) -> &str {
        self.searched().unwrap_or(&self.text)
    }

    /// What Ctrl-R looks for; `text` is then what it found.
    pub fn searched(&self) -> Option<&str> {
        self.search.as_ref().map(|(wanted, _)| wanted.as_str())
    }

    pub fn set(&mut self, text: String) {
        match &mut self.search {
            Some(search) => {
                *search = (text, 0);
                self.find();
            }
            None => self.text = text,
        }
        self.place = None;
    }

    pub fn take(&mut self) -> String {
        self.search = None;
        self.place = None;
        std::mem::take(&mut self.text)
    }

    pub fn entered(&mut self, line: &str) {
        if !line.trim().is_empty() && self.history.last().is_none_or(|last| last != line) {
            self.history.push(line.to_owned());
            if self.history.len() > HISTORY_MAX {
                self.history.remove(0);
            }
        }
    }

    pub fn key(&mut self, key: &Key) {
        match key {
            Key::Older | Key::Newer => {
                let count = self.history.len();
                let place = match (key, self.place) {
                    (Key::Older, None) => (count > 0).then_some(0),
                    (Key::Older, Some(place)) => Some((place + 1).min(count - 1)),
                    (_, Some(place)) => place.checked_sub(1),
                    (_, None) => None,
                };
                self.text = place.map_or_else(String::new, |place| self.history[count - 1 - place].clone());
                self.place = place;
            }
            Key::Search => {
                self.search = Some(match self.search.take() {
                    Some((wanted, skip)) => (wanted, skip + 1),
                    None => (String::new(), 0),
                });
                self.find();
            }
            Key::Escape => self.search = None,
            _ => {}
        }
    }

    fn find(&mut self) {
        let Some((wanted, skip)) = &self.search else { return };
        let found = self.history.iter().rev().filter(|line| line.contains(wanted.as_str())).nth(*skip);
        if let Some(line) = found.filter(|_| !wanted.is_empty()) {
            self.text.clone_from(line);
        }
    }

    /// Completes the last word as far as the candidates agree; several are given back as a list.
    pub fn complete(&mut self, start: usize, candidates: &[String]) -> Option<String> {
        let first = candidates.first()?;
        let common = candidates
            .iter()
            .fold(first.len(), |length, other| first.bytes().zip(other.bytes()).take(length).take_while(|(one, other)| one == other).count());
        let before = self.text.get(start..).map_or(0, str::len);
        if let Some(common) = first.get(..common).filter(|common| common.len() > before || candidates.len() == 1) {
            self.text.truncate(start);
            self.text.push_str(common);
            if candidates.len() == 1 && !common.ends_with(['/', '=']) {
                self.text.push(' ');
            }
            return None;
        }
        (candidates.len() > 1).then(|| candidates.join("   "))
    }
}
