//! Transcripts of shells on a small machine.

use super::{Input, Process, Progress};
use crate::machine::disks::Disks;
use crate::machine::kernel::{Chunk, NoNetwork, Profile, Signal, Stream, System};
use crate::machine::vfs::{FileSystem, MountTable, View};
use crate::values::clock::Instant;
use std::collections::BTreeMap;

const PROFILE: Profile = Profile { calls: &["kubectl"], ..Profile::DEBIAN };

fn run(process: &mut Process, disks: &mut Disks, now: &mut Instant) -> Progress {
    let mounts = MountTable::root("d");
    loop {
        let files = View::new(disks, &mounts, *now);
        let mut system = System { files, now: *now, network: &mut NoNetwork };
        match process.step(&mut system) {
            Progress::Sleeping(until) => *now = until,
            progress => return progress,
        }
    }
}

fn text(process: &mut Process) -> String {
    process.take_output().iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect()
}

fn disks() -> Disks {
    let mut disks = Disks::default();
    disks.insert("d".into(), FileSystem::new(Instant(0)));
    disks
}

/// What an interactive bash prints for each line, and its last code.
fn check(lines: &[&str], expect: &str, code: i32) {
    let (mut disks, mut now) = (disks(), Instant(0));
    let mut process = Process::interactive(PROFILE, BTreeMap::new(), "/");
    let mut output = String::new();
    for line in lines {
        process.run_line(line);
        let progress = run(&mut process, &mut disks, &mut now);
        assert_eq!(progress, Progress::Reading, "{line}: {}", text(&mut process));
        output += &text(&mut process);
    }
    assert_eq!((output.as_str(), process.last_code()), (expect, code), "{lines:?}");
}

#[test]
fn lists_pipes_and_redirections() {
    check(&["echo a && false || echo b; echo c"], "a\nb\nc\n", 0);
    check(&["echo hello > /f; cat /f; cat < /f | cat | cat; echo more >> /f; cat /f"], "hello\nhello\nhello\nmore\n", 0);
    check(&["cat <<EOF", "x=$((1+1))", "EOF"], "x=2\n", 0);
    check(&["nothing 2>/dev/null; echo $?"], "127\n", 0);
    check(&["nothing"], "bash: nothing: command not found\n", 127);
    check(&["! true", "echo $?"], "1\n", 0);
    check(&["(cd /; exit 3)"], "", 3);
    check(&["{ echo a; echo b; } > /g", "cat /g"], "a\nb\n", 0);
    check(&["cat /none"], "cat: /none: No such file or directory\n", 1);
}

#[test]
fn control_flow_functions_and_substitution() {
    check(&["for i in 0 1 2; do echo web-$i; done"], "web-0\nweb-1\nweb-2\n", 0);
    check(&["i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done"], "1\n3\n", 0);
    check(&["f() { local x=$1; echo \"$x $(echo in-$2)\"; return 4; }", "x=o; f a b; echo $? $x"], "a in-b\n4 o\n", 0);
    check(&["case a.yaml in *.txt) echo t;; *.y*ml) echo y;; esac"], "y\n", 0);
    check(&["echo a b | while read x y; do echo $y-$x; done"], "b-a\n", 0);
    check(&["if false; then echo 1; elif true; then echo 2; else echo 3; fi"], "2\n", 0);
    check(&["x=$(false); echo $?; set -o pipefail; false | true; echo $?"], "1\n1\n", 0);
    check(&["echo $(cat <<EOF", "one $(echo two)", "EOF", ")"], "one two\n", 0);
    check(&["alias k='echo kk'", "k a"], "kk a\n", 0);
    check(&["X=1 sh -c 'echo $X $0 $1' n a; echo $X"], "1 n a\n\n", 0);
    check(&["sh -c 'set -e; false; echo no'; echo $?"], "1\n", 0);
    check(&["[[ abc == a* && -d / ]] && echo yes"], "yes\n", 0);
    check(&["echo a)"], "bash: syntax error near unexpected token `)'\n", 2);
    check(&["printf '%s,' 1 2; type cd"], "1,2,cd is a shell builtin\n", 0);
}

#[test]
fn a_runaway_stops_at_the_limit_and_at_an_interrupt() {
    let (mut disks, mut now) = (disks(), Instant(0));
    let mut process = Process::interactive(PROFILE, BTreeMap::new(), "/");
    process.run_line("while true; do :; done");
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Running);
    process.signal(Signal::Interrupt);
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Reading);
    assert_eq!((process.at_prompt(), process.last_code()), (true, 130));
    process.run_line("f() { f; }; f");
    assert_ne!(run(&mut process, &mut disks, &mut now), Progress::Exited(0));
}

#[test]
fn the_owner_answers_calls() {
    let (mut disks, mut now) = (disks(), Instant(0));
    let mut process = Process::interactive(PROFILE, BTreeMap::new(), "/");
    process.run_line("echo in | kubectl get x | cat > /out; echo $?");
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Calling);
    let call = process.calls().remove(0);
    assert_eq!(call.argv, ["kubectl", "get", "x"]);
    let mounts = MountTable::root("d");
    let mut files = View::new(&mut disks, &mounts, now);
    assert_eq!(process.call_input(call.id, &files), Input::Bytes(b"in\n".to_vec()));
    assert!(process.call_output(call.id, &Chunk { stream: Stream::Stdout, bytes: b"answer\n".to_vec() }, &mut files));
    process.call_finished(call.id, 0);
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Reading);
    assert_eq!(text(&mut process), "0\n");
    let files = View::new(&mut disks, &mounts, now);
    assert_eq!(files.read("/out").unwrap(), b"answer\n");
}

#[test]
fn a_shell_reads_its_commands_from_the_terminal() {
    let (mut disks, mut now) = (disks(), Instant(0));
    let profile = Profile::BUSYBOX;
    let mut process = Process::start(&["sh".into()], profile, BTreeMap::new(), "/", true);
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Reading);
    assert_eq!(process.prompt(), "/ # ");
    process.give_input(Some(b"echo a\ncat\ntyped\n"));
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Reading);
    assert_eq!(text(&mut process), "a\ntyped\n");
    process.signal(Signal::Interrupt);
    process.give_input(Some(b"nope\nexit 3\n"));
    assert_eq!(run(&mut process, &mut disks, &mut now), Progress::Exited(3));
    assert_eq!(text(&mut process), "sh: nope: not found\n");
}
