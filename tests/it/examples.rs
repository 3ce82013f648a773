//! Every example of kubectl's help and every program, run: nothing panics, nothing is unknown, and what should work does.

use statelab::commands::kubectl::flags;
use statelab::commands::kubectl::verbs::VERBS;
use statelab::control::flavour;
use statelab::machine::programs;
use statelab::machine::programs::lib::table::On;
use statelab::playground::console::ConsoleState;
use statelab::playground::session::Session;

/// What the examples name, applied before them.
const FIXTURE: &str = include_str!("examples/fixture.yaml");
const POD_JSON: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"from-json"},"spec":{"containers":[{"name":"main","image":"nginx"}]}}"#;

/// What must be done before an example, beyond the fixture.
const BEFORE: &[(&str, &str)] = &[
    ("kubectl delete -f ./pod.json", "kubectl apply -f pod.json"),
    ("kubectl logs nginx", "kubectl run nginx --image=nginx; kubectl wait --for=condition=Ready pod/nginx"),
    ("kubectl wait --for=delete pod/busybox1 --timeout=60s", "kubectl delete pod busybox1 --wait=false"),
];

/// A session after the fixture; examples start from copies of it.
fn prepared() -> Session {
    let mut session = Session::new(flavour::by_name("playground").expect("the flavour is there"), 2, 1);
    session.write_file("fixture.yaml", FIXTURE);
    session.write_file("pod.json", POD_JSON);
    for line in ["kubectl apply -f fixture.yaml", "kubectl set image deployment/abc main=nginx:1.27", "echo here > /tmp/foo", "sleep 60"] {
        let (text, code) = run(&mut session, line);
        assert_eq!(code, 0, "{line}\n{text}");
    }
    session
}

/// Types a line, lets it come to its end, and gives what it printed and its code.
fn run(session: &mut Session, line: &str) -> (String, i32) {
    session.type_line(line);
    session.run_to_prompt();
    for _ in 0..3 {
        if session.state() != ConsoleState::Prompt {
            session.end_input();
            session.run_to_prompt();
        }
    }
    assert_eq!(session.state(), ConsoleState::Prompt, "{line}");
    let bytes: Vec<u8> = session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
    (String::from_utf8_lossy(&bytes).into_owned(), session.last_code())
}

/// Examples of kubectl's help whose objects the fixture has: these must do what they say.
const WORKING: &str = include_str!("examples/working.txt");

#[test]
fn every_example_of_the_help_works() {
    let base = prepared();
    let mut wrong = Vec::new();
    for example in WORKING.lines() {
        // Help writes what is to be filled in between angle brackets.
        let line = example.replace(['<', '>'], "");
        let mut session = base.clone();
        if let Some((_, before)) = BEFORE.iter().find(|(known, _)| *known == example) {
            run(&mut session, before);
        }
        let (text, code) = run(&mut session, &line);
        if code != 0 || text.contains("internal error") {
            wrong.push(format!("$ {line}\n{text}? {code}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_example_of_the_help_names_a_flag_that_is_not_there() {
    let base = prepared();
    for verb in VERBS {
        let (page, _) = run(&mut base.clone(), &format!("kubectl {} --help", verb.name));
        let examples = page.lines().skip_while(|line| *line != "Examples:").take_while(|line| *line != "Options:");
        for example in examples.filter_map(|line| line.strip_prefix("  kubectl ")).filter(|line| !line.contains('|')) {
            let line = format!("timeout 2 kubectl {} < /dev/null", example.replace(['<', '>'], ""));
            let (text, code) = run(&mut base.clone(), &line);
            assert!(code != 127 && !text.contains("unknown flag") && !text.contains("unknown shorthand"), "{line}\n{text}? {code}");
        }
    }
}

#[test]
fn the_table_of_verbs_and_the_help_name_the_same_commands_and_flags() {
    let base = prepared();
    for verb in VERBS.iter().filter(|verb| !["alpha", "help", "options"].contains(&verb.name)) {
        let (page, _) = run(&mut base.clone(), &format!("kubectl {} --help", verb.name));
        let aliases = page.lines().skip_while(|line| *line != "Aliases:").nth(1).map_or(Vec::new(), |line| line.split(", ").skip(1).collect());
        assert_eq!(verb.aliases, aliases, "{}", verb.name);
        let flags = flags::of(verb);
        for flag in page.lines().filter(|line| line.starts_with("    -") && line.ends_with(':')) {
            let name = flag.split("--").nth(1).and_then(|rest| rest.split('=').next()).unwrap_or("");
            assert!(flags.iter().any(|known| known.long == name), "{}: {flag}", verb.name);
        }
    }
}

#[test]
fn every_command_has_a_help_and_says_what_is_wrong_with_its_flags() {
    let base = prepared();
    for verb in VERBS {
        for words in ["--help", "--no-such-flag", "-o no-such-format", "no-such-thing and more", "-f no-such-file", "-f /home", "--all -A -l a=b"] {
            let line = format!("kubectl {} {words} < /dev/null", verb.name);
            let (text, code) = run(&mut base.clone(), &line);
            assert!(code != 127 && !text.contains("internal error"), "{line}\n{text}? {code}");
            if words == "--help" {
                assert!(code == 0 && text.contains("Usage:") || ["alpha", "help", "options"].contains(&verb.name), "{line}\n{text}? {code}");
            }
        }
    }
}

/// Ways in which every program is called; `NAME` stands for its name.
const CALLS: &[&str] = &[
    "NAME < /dev/null",
    "echo 3 b | NAME",
    "NAME --help",
    "NAME -Z",
    "NAME lines.txt",
    "NAME lines.txt lines.txt",
    "NAME no-such-file",
    "NAME /tmp",
    "NAME -n 2 lines.txt",
    "NAME 1 + 2",
    "NAME ''",
    "NAME -- -",
    "NAME 99999999999999999999 -99999999999999999999",
];

#[test]
fn every_program_can_be_called_in_the_console_and_in_a_container() {
    let mut base = prepared();
    run(&mut base, "printf 'b 2\\na 1\\n' > lines.txt; kubectl cp lines.txt busybox1:/lines.txt");
    for name in programs::PROGRAMS.names() {
        for call in CALLS {
            let line = call.replace("NAME", name);
            let inside = format!("kubectl exec busybox1 -- timeout 3 sh -c '{}'", line.replace('\'', "'\\''"));
            let lacks = programs::PROGRAMS.by_name(name).is_some_and(|program| program.on != On::Everywhere);
            for line in [format!("timeout 3 sh -c '{}'", line.replace('\'', "'\\''")), inside] {
                let (text, code) = run(&mut base.clone(), &line);
                // What runs other programs says of those that they are not there.
                let runs_others = matches!(name, "env" | "time" | "timeout" | "watch" | "xargs" | "busybox" | "nohup" | "nice" | "which");
                assert!((code != 127 || runs_others || lacks) && !text.contains("panicked"), "{line}\n{text}? {code}");
            }
        }
    }
}
