//! The native console on a terminal, and what Tab offers. The terminal is that of script(1), which every Debian has.

use statelab::control::flavour;
use statelab::playground::session::Session;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long the console may take to answer, far beyond what it should.
const PATIENCE: Duration = Duration::from_secs(60);

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const CTRL_R: &str = "\u{12}";
const UP: &str = "\u{1b}[A";

struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Receiver<Vec<u8>>,
    /// What is on the screen and was not yet looked for.
    seen: String,
}

impl Terminal {
    fn open() -> Terminal {
        let mut child = Command::new("script")
            // A shell that stays beside the console would take the Ctrl-C for its own and end with its code.
            .args(["-qefc", concat!("exec ", env!("CARGO_BIN_EXE_statelab")), "/dev/null"])
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script(1) is there");
        let keys = child.stdin.take().expect("it is a pipe");
        let mut output = child.stdout.take().expect("it is a pipe");
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut terminal = Terminal { child, keys, screen, seen: String::new() };
        terminal.wait_for("Tab completes");
        terminal.wait_for("~ $ ");
        terminal
    }

    /// Presses keys.
    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the console reads");
    }

    /// Waits until a text has come to the screen; what comes behind it is looked at next.
    fn wait_for(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let more = self.screen.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.seen));
            self.seen += &String::from_utf8_lossy(&more);
        }
        let end = self.seen.find(text).map_or(0, |place| place + text.len());
        self.seen.drain(..end);
    }

    /// Types a line and waits for its answer and the next prompt.
    fn line(&mut self, line: &str, answer: &str) {
        self.press(&format!("{line}\r"));
        self.wait_for(answer);
        self.wait_for("$ ");
    }

    /// The code with which the console ended.
    fn code(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

#[test]
fn a_line_can_be_edited_completed_and_found_again() {
    let mut terminal = Terminal::open();
    terminal.line("echo one-$((1 + 1))", "one-2");
    terminal.press("kubectl get nod\t");
    terminal.wait_for("node");
    terminal.line(" -o name", "node/node-3");
    // The arrow brings the last line but one back, Ctrl-R finds it.
    terminal.press(UP);
    terminal.press(UP);
    terminal.line("0", "one-20");
    terminal.press(CTRL_R);
    terminal.press("get nod");
    terminal.wait_for("get nod");
    terminal.line("", "node/node-3");
    terminal.press("echo half a line");
    terminal.wait_for("half a line");
    terminal.press(CTRL_C);
    terminal.wait_for("$ ");
    terminal.line("echo whole", "whole");
    terminal.press("exit 3\r");
    assert_eq!(terminal.code(), Some(3));
}

#[test]
fn what_runs_is_interrupted_and_reads_what_is_typed() {
    let mut terminal = Terminal::open();
    terminal.press("echo begun; sleep 100000\r");
    terminal.wait_for("begun\r\n");
    terminal.press(CTRL_C);
    terminal.wait_for("$ ");
    terminal.line("echo code $?", "code 130");
    terminal.press("for i in 1 2\r");
    terminal.wait_for("> ");
    terminal.press("do echo loop-$i; done\r");
    terminal.wait_for("loop-2");
    terminal.wait_for("$ ");
    terminal.press("ssh node-1\r");
    terminal.wait_for("# ");
    terminal.press("hostname | tr a-z A-Z\r");
    terminal.wait_for("NODE-1");
    terminal.wait_for("# ");
    terminal.press(CTRL_D);
    terminal.wait_for("~ $ ");
    terminal.press(CTRL_D);
    assert_eq!(terminal.code(), Some(0));
}

#[test]
fn tab_offers_what_can_stand_there() {
    let mut session = Session::new(flavour::by_name("playground").expect("the flavour is there"), 2, 1);
    session.write_file("pod.yaml", "");
    session.write_file("folder/claim.yaml", "");
    // What is offered, in full or as far as it matters.
    let cases: &[(&str, &[&str])] = &[
        ("kubectl desc", &["describe"]),
        ("kubectl rollout st", &["status"]),
        ("kubectl get nodes node-", &["node-1", "node-2"]),
        ("kubectl get node/", &["node/node-1", "node/node-2"]),
        ("kubectl get --show-l", &["--show-labels"]),
        ("kubectl apply -f po", &["pod.yaml"]),
        ("kubectl apply -f folder/", &["folder/claim.yaml"]),
        ("kubectl -n kube-sy", &["kube-system"]),
        ("echo x | kubec", &["kubectl"]),
        ("cat f", &["folder/"]),
        ("cat ~/po", &["~/pod.yaml"]),
        ("sha512", &["sha512sum"]),
        ("kubec", &["kubectl"]),
        ("nosuch", &[]),
    ];
    for (line, expected) in cases {
        assert_eq!(session.complete(line).1, *expected, "{line}");
    }
    let (begin, kinds) = session.complete("kubectl get persistentv");
    assert!(begin == "kubectl get ".len() && kinds.len() >= 2, "{kinds:?}");
    assert!(session.complete("").1.len() > 100, "every command is offered");
}
