//! A lab is played: checks look at a copy of the session, solutions are typed.

use super::{Check, Lab, Mistake, SETTLE_MAX, Step};
use crate::machine::kernel::{Chunk, Stream};
use crate::playground::console::ConsoleState;
use crate::playground::session::Session;
use crate::playground::share::Start;

/// What came of typing lines.
#[derive(Default)]
pub struct Typed {
    /// What those that failed said.
    pub said: String,
    /// What never came to an end.
    pub stuck: Option<String>,
}

/// Types lines, each when the one before is over.
pub fn type_in(session: &mut Session, lines: &[String]) -> Typed {
    let mut typed = Typed::default();
    for line in lines {
        session.take_output();
        session.type_line(line);
        if !session.run_to_prompt() {
            typed.stuck = Some(format!("`{line}` never ends"));
        } else if session.last_code() != 0 {
            typed.said += &errors(&session.take_output());
        }
    }
    session.take_output();
    typed.stuck = typed.stuck.or_else(|| open_end(session).map(str::to_owned));
    typed
}

/// What keeps the console from its prompt although nothing runs.
fn open_end(session: &Session) -> Option<&'static str> {
    match session.state() {
        ConsoleState::Continuation => Some("the last command is not finished: a quote or a here-document is open, whose lines go on with `> `"),
        ConsoleState::Reading => Some("the last command waits for input"),
        ConsoleState::Prompt | ConsoleState::Running => None,
    }
}

fn errors(chunks: &[Chunk]) -> String {
    let words: String = chunks.iter().filter(|chunk| chunk.stream == Stream::Stderr).map(|chunk| String::from_utf8_lossy(&chunk.bytes)).collect();
    words.trim().to_owned()
}

impl Step {
    /// Whether the step's check holds in a session. The session stays as it is.
    pub fn holds(&self, session: &Session) -> bool {
        self.check.iter().all(|check| check.failure(session).is_none())
    }

    /// Types the solution and lets the cluster settle.
    fn solve(&self, session: &mut Session) -> Typed {
        let typed = type_in(session, &self.solution);
        session.world.settle(SETTLE_MAX);
        typed
    }
}

impl Check {
    /// Why the check does not hold, in one sentence; `None` where it holds.
    pub fn failure(&self, session: &Session) -> Option<String> {
        let (chunks, code, open) = {
            let mut copy = session.clone();
            let (chunks, code) = copy.try_line(&self.command);
            (chunks, code, open_end(&copy))
        };
        if let Some(open) = open {
            return Some(format!("`{}`: {open}", self.command));
        }
        let bytes: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect();
        let output = String::from_utf8_lossy(&bytes);
        if code != self.code {
            return Some(format!("`{}` gives exit code {code}, not {}: {}", self.command, self.code, errors(&chunks)));
        }
        if let Some(line) = self.unwanted.iter().find(|unwanted| output.contains(unwanted.as_str())) {
            return Some(format!("`{}` still prints {line:?}", self.command));
        }
        let mut rest = output.as_ref();
        for wanted in &self.wanted {
            match rest.find(wanted.as_str()) {
                Some(place) => rest = &rest[place + wanted.len()..],
                None => return Some(format!("`{}` does not print {wanted:?}", self.command)),
            }
        }
        None
    }
}

/// Plays a lab: each check must fail before its step's solution and hold after it. Prints nothing; every fault with its line.
pub fn play(lab: &Lab, seed: u64) -> Vec<Mistake> {
    let (mut session, mut faults) = Start::of_lab("", lab, seed).begin();
    for step in &lab.steps {
        if step.holds(&session) {
            faults.push(Mistake { line: step.line, text: format!("the check of {:?} holds before the solution", step.title) });
        }
        let typed = step.solve(&mut session);
        if let Some(stuck) = typed.stuck {
            faults.push(Mistake { line: step.line, text: format!("the solution of {:?}: {stuck}", step.title) });
            session.interrupt();
        }
        let said = if typed.said.is_empty() { String::new() } else { format!(" (the solution said: {})", typed.said) };
        for check in &step.check {
            if let Some(why) = check.failure(&session) {
                faults.push(Mistake { line: check.line, text: format!("after the solution of {:?}: {why}{said}", step.title) });
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// A lab of one step, with the given check, solution and file.
    fn faults_of(check: &str, solution: &str, file: &str) -> Vec<(usize, String)> {
        let page = format!(
            "---\ntitle: T\nnodes: 1\n---\n```yaml file=a.yaml apply\n{file}\n```\n## Step\n```console check\n{check}\n```\n```console solution\n$ {solution}\n```\n"
        );
        play(&parse(&page).unwrap(), 1).into_iter().map(|fault| (fault.line, fault.text)).collect()
    }

    #[test]
    fn a_lab_that_cannot_be_played_says_where() {
        let (file, made) = ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: there", "$ kubectl get configmap made");
        let create = "kubectl create configmap made";
        assert_eq!(faults_of(made, create, file), []);
        let held = "the check of \"Step\" holds before the solution".to_owned();
        assert_eq!(faults_of("$ kubectl get configmap there", create, file), [(11, held)]);
        let [(line, text)] = &faults_of(made, "kubectl create configmap", file)[..] else { panic!() };
        assert_eq!(*line, 13);
        assert!(text.contains("NotFound") && text.contains("exactly one NAME is required"), "{text}");
        let open = "cat <<EOF".to_owned();
        for (at, check, solution, words) in [
            (11, made, "kubectl create configmap made; kubectl get pods -w", "kubectl get pods -w` never ends"),
            (11, made, &open, "the last command is not finished"),
            (11, made, "cat", "the last command waits for input"),
            (13, "$ cat <<EOF\nmade", create, "`cat <<EOF`: the last command is not finished"),
        ] {
            let faults = faults_of(check, solution, file);
            assert!(faults.iter().any(|(line, text)| *line == at && text.contains(words)), "{faults:?}");
        }
        let [(line, text)] = &faults_of(made, create, &file.replace("name: there", "nam: there"))[..] else { panic!() };
        assert_eq!(*line, 5);
        assert!(text.contains("a.yaml cannot be applied") && text.contains("nam"), "{text}");
    }
}
