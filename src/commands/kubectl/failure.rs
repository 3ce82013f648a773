//! How kubectl words an error. Models kubectl/pkg/cmd/util/helpers.go checkErr.

use crate::commands::cli::output::Output;
use crate::commands::cli::pending::Poll;
use crate::kinds;
use crate::values::object::ObjectKey;
use crate::values::status::Status;

/// The code of a diff that failed: 1 is that there are differences.
pub const DIFF_FAILED: i32 = 2;

/// Why a command ends with a code that is not 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// `error: TEXT`
    Plain(String),
    /// `error: TEXT` and the line that names `-h` (UsageErrorf).
    Usage(String),
    /// An answer of the server; the second is what stands before its message, such as `error when creating "x.yaml": `.
    Server(Box<Status>, String),
    /// Lines that are printed as they are.
    Raw(String),
    /// Several: one line each.
    Several(Vec<Failure>),
    /// All is said; only the code is left.
    Code(i32),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Failure::Server(Box::new(status), String::new())
    }
}

impl Failure {
    pub fn plain(text: impl Into<String>) -> Failure {
        Failure::Plain(text.into())
    }

    pub fn usage(text: impl Into<String>) -> Failure {
        Failure::Usage(text.into())
    }

    pub fn server(status: Status, before: impl Into<String>) -> Failure {
        Failure::Server(Box::new(status), before.into())
    }

    /// One failure as it is, several as kubectl's aggregate.
    /// # Errors
    /// Where there is one at least.
    pub fn all(mut failures: Vec<Failure>) -> Result<(), Failure> {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Failure::Several(failures)),
        }
    }

    /// `timed out waiting for the condition on pods/x`
    pub fn timed_out(key: &ObjectKey) -> Failure {
        Failure::plain(format!("timed out waiting for the condition on {}/{}", kinds::def(key.kind).plural, key.name))
    }

    pub fn code(&self) -> i32 {
        match self {
            Failure::Code(code) => *code,
            _ => 1,
        }
    }

    /// Writes the text of a verb's failure and keeps its code.
    pub fn tell(&self, verb: &str, output: &mut Output) {
        output.err(&self.text(verb));
        output.code = if verb == "diff" && self.code() == 1 && !matches!(self, Failure::Code(_)) { DIFF_FAILED } else { self.code() };
    }

    /// The text on standard error, with its newline. `verb` is what stands behind `kubectl `.
    pub fn text(&self, verb: &str) -> String {
        match self {
            Failure::Plain(text) if text.starts_with("error: ") => format!("{text}\n"),
            Failure::Plain(text) => format!("error: {text}\n"),
            Failure::Usage(text) => format!("error: {text}\nSee 'kubectl {verb} -h' for help and examples\n"),
            Failure::Server(status, before) => server_text(status, before),
            Failure::Raw(text) => format!("{text}\n"),
            Failure::Several(all) => {
                let mut lines: Vec<String> = Vec::new();
                for failure in all {
                    lines.push(failure.line());
                }
                format!("{}\n", lines.join("\n"))
            }
            Failure::Code(_) => String::new(),
        }
    }

    /// As one of several.
    fn line(&self) -> String {
        match self {
            Failure::Plain(text) | Failure::Usage(text) | Failure::Raw(text) => text.clone(),
            Failure::Server(status, before) => standard(status, before),
            Failure::Several(all) => all.iter().map(Failure::line).collect::<Vec<_>>().join("\n"),
            Failure::Code(_) => String::new(),
        }
    }
}

/// How a command that has waited ends. Its flags were right, so that no verb is named.
pub fn over(result: Result<(), Failure>, output: &mut Output) -> Poll {
    if let Err(failure) = result {
        failure.tell("", output);
    }
    Poll::Over
}

fn standard(status: &Status, before: &str) -> String {
    if status.reason.is_empty() {
        format!("Error from server: {before}{}", status.message)
    } else {
        format!("Error from server ({}): {before}{}", status.reason, status.message)
    }
}

fn server_text(status: &Status, before: &str) -> String {
    if status.reason != "Invalid" {
        return format!("{}\n", standard(status, before));
    }
    let Some(details) = &status.details else {
        return format!("The request is invalid: {}\n", status.message);
    };
    let head = format!("The {} {:?} is invalid", details.kind, details.name);
    let mut causes: Vec<String> = Vec::new();
    for cause in &details.causes {
        let text = cause.to_string();
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => format!("{head}\n"),
        [only] => format!("{head}: {only}\n"),
        several => {
            let list: String = several.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{head}: \n{list}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_kubectl_words_them() {
        let missing = Failure::from(Status::not_found("pods", "x"));
        assert_eq!(missing.text("get"), "Error from server (NotFound): pods \"x\" not found\n");
        assert_eq!(Failure::usage("no").text("rollout status"), "error: no\nSee 'kubectl rollout status -h' for help and examples\n");
        let two = Failure::Several(vec![Failure::plain("a"), missing]);
        assert_eq!(two.text("get"), "a\nError from server (NotFound): pods \"x\" not found\n");
    }
}
