//! Lines with tabs -> aligned text. Models text/tabwriter with padding 2, and describe's PrefixWriter.

use crate::values::object::{Map, Object};

const PADDING: usize = 2;
/// Longer annotations stand below their key, cut.
const MAX_ANNOTATION: usize = 140;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What a describer writes into.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    /// Blanks before every piece that is written: describers within describers have them.
    pub nested: usize,
}

impl Writer {
    /// A line, indented by two blanks a level.
    pub fn line(&mut self, level: usize, text: &str) {
        self.piece(level, text);
        self.text.push('\n');
    }

    /// A part of a line.
    pub fn piece(&mut self, level: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', 2 * level + self.nested));
        self.text.push_str(text);
    }

    /// `Labels:` with one label a line.
    pub fn labels(&mut self, indent: &str, title: &str, labels: Option<&Map>) {
        self.piece(0, &format!("{indent}{title}:\t"));
        let lines: Vec<String> = labels.into_iter().flatten().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
        self.listed(indent, &lines);
    }

    /// `Annotations:` with one a line; what apply remembers is left out.
    pub fn annotations(&mut self, indent: &str, annotations: Option<&Map>) {
        self.titled_annotations(indent, "Annotations", annotations);
    }

    /// The same under another title.
    pub fn titled_annotations(&mut self, indent: &str, title: &str, annotations: Option<&Map>) {
        self.piece(0, &format!("{indent}{title}:\t"));
        let mut lines = Vec::new();
        for (key, value) in annotations.into_iter().flatten().filter(|(key, _)| *key != LAST_APPLIED) {
            let value = value.as_str().unwrap_or("");
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 > MAX_ANNOTATION || value.contains('\n') {
                lines.push(format!("{key}:"));
                lines.extend(value.split('\n').map(|line| format!("  {}", shorten(line, MAX_ANNOTATION - 2))));
            } else {
                lines.push(format!("{key}: {value}"));
            }
        }
        self.listed(indent, &lines);
    }

    /// The values of a title that was just written, one a line.
    pub fn listed(&mut self, indent: &str, lines: &[String]) {
        if lines.is_empty() {
            self.line(0, "<none>");
        }
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                self.piece(0, &format!("{indent}\t"));
            }
            self.line(0, line);
        }
    }

    /// Name, and namespace where there is one.
    pub fn head(&mut self, object: &Object) {
        self.line(0, &format!("Name:\t{}", object.name()));
        if !object.namespace().is_empty() {
            self.line(0, &format!("Namespace:\t{}", object.namespace()));
        }
    }

    pub fn metadata(&mut self, object: &Object) {
        self.labels("", "Labels", object.map(&["metadata", "labels"]));
        self.annotations("", object.map(&["metadata", "annotations"]));
    }

    /// What was written, with its tabs.
    pub fn raw(self) -> String {
        self.text
    }

    pub fn finish(self) -> String {
        tabulate(&self.text)
    }
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() > most { format!("{}...", text.chars().take(most).collect::<String>()) } else { text.to_owned() }
}

/// Aligns cells that end with a tab; a column lasts as long as successive lines have it.
fn tabulate(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|cells| vec![0; cells.len()]).collect();
    let deepest = lines.iter().map(Vec::len).max().unwrap_or(0);
    for column in 0..deepest {
        let mut at = 0;
        while at < lines.len() {
            let is_in = |index: usize| lines[index].len() > column + 1;
            let start = at;
            while at < lines.len() && is_in(at) {
                at += 1;
            }
            let width = (start..at).map(|index| lines[index][column].chars().count()).max().unwrap_or(0);
            for row in &mut widths[start..at] {
                row[column] = if width == 0 { 0 } else { width + PADDING };
            }
            at = at.max(start + 1);
        }
    }
    let mut out = String::new();
    for (cells, widths) in lines.iter().zip(&widths) {
        for (index, cell) in cells.iter().enumerate() {
            out.push_str(cell);
            if index + 1 < cells.len() {
                out.extend(std::iter::repeat_n(' ', widths[index].saturating_sub(cell.chars().count())));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_tabs_ends_the_columns() {
        assert_eq!(tabulate("Name:\ta\nNamespace:\tb\nData\nx:\t1\n"), "Name:       a\nNamespace:  b\nData\nx:  1\n");
    }
}
