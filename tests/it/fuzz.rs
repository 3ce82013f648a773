//! Random harm to everything that comes from outside: manifests, command lines, links, labs. Nothing panics, nothing runs for
//! ever, and what is refused changes nothing. Deterministic: the seed is the test's. `FUZZ=50 cargo test fuzz` plays fifty times as much.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use statelab::commands::kubectl::flags;
use statelab::commands::kubectl::verbs::VERBS;
use statelab::control::flavour;
use statelab::machine::programs;
use statelab::playground::console::ConsoleState;
use statelab::playground::session::Session;
use statelab::playground::share::{Action, Live, Start, digests};
use statelab::playground::{labs, replay};
use statelab::values::clock::Duration;
use statelab::values::rng::Rng;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How long one input may take, far beyond what it should, since a debug build on a busy machine is slow.
const SECONDS_MAX: u64 = 20;

/// How often a test repeats, by how often it does so unless told.
fn rounds(usual: u64) -> u64 {
    usual * std::env::var("FUZZ").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

/// Tells which input was being played when a test fails, and that none takes for ever.
struct Playing {
    input: String,
    begin: Instant,
}

impl Playing {
    fn new(input: &str) -> Playing {
        Playing { input: input.to_owned(), begin: Instant::now() }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input was:\n{}", self.input);
        } else {
            let seconds = self.begin.elapsed().as_secs();
            assert!(seconds < SECONDS_MAX, "{seconds} seconds for\n{}", self.input);
        }
    }
}

fn texts(folder: &str, extension: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("it is text")).collect()
}

fn pages() -> Vec<String> {
    [texts("tests/sessions/recorded", "md"), texts("tests/sessions/ours", "md"), texts("examples/labs", "md")].concat()
}

/// The manifests that pages bring along.
fn manifests() -> Vec<String> {
    let mut found = texts("examples/scenarios", "yaml");
    for page in pages() {
        let fences = page.split("\n```").filter(|fence| fence.starts_with("yaml ") && fence.contains("file="));
        found.extend(fences.filter_map(|fence| Some(fence.split_once('\n')?.1.to_owned())));
    }
    found
}

/// The command lines of pages, without those that only go on.
fn lines() -> Vec<String> {
    pages().iter().flat_map(|page| page.lines().filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect::<Vec<_>>()).collect()
}

fn pick<T: Clone>(chance: &mut Rng, from: &[T]) -> T {
    from[chance.below(from.len() as u64) as usize].clone()
}

/// What often means something special to whoever reads it.
const TOKENS: &str = "\n \t \0 ' \" ` \\ $ $( ${ $(( )) ( ) { } [ ] | || & && ; < > >> << <<EOF # ! * ? ~ - -- = : , / // .. ... % %s %n @ + ^ 0 -1 1e999 \
                      99999999999999999999 0x7fffffffffffffff -9223372036854775808 null true [] {} ---\n &a *a !!binary <<: |\n >- é ß 日本 \u{feff} \u{202e} \r\n \
                      Gi 500m 1Ei -o json yaml jsonpath={..} while do done if fi case esac for in function";

fn token(chance: &mut Rng) -> &'static str {
    let tokens: Vec<&str> = TOKENS.split(' ').collect();
    pick(chance, &tokens)
}

/// A place in a text where it can be cut.
fn place(chance: &mut Rng, text: &str) -> usize {
    let mut place = chance.below(text.len() as u64 + 1) as usize;
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Harms a text in one to four places: something is cut out, doubled, put in, or comes from another text.
fn harmed(chance: &mut Rng, text: &str, others: &[String]) -> String {
    let mut text = text.to_owned();
    for _ in 0..=chance.below(4) {
        let (a, b) = (place(chance, &text), place(chance, &text));
        let (from, to) = (a.min(b), a.max(b));
        // Mostly small harm, since what is left of large harm is not read far.
        let to = if chance.below(4) > 0 { text[from..to].char_indices().nth(3).map_or(to, |(length, _)| from + length) } else { to };
        match chance.below(4) {
            0 => text.replace_range(from..to, ""),
            1 => {
                let piece = text[from..to].to_owned();
                text.insert_str(to, &piece);
            }
            2 => text.replace_range(from..to, token(chance)),
            _ => {
                let other = pick(chance, others);
                let (a, b) = (place(chance, &other), place(chance, &other));
                text.insert_str(from, &other[a.min(b)..a.max(b)]);
            }
        }
    }
    text
}

/// Harms a manifest where it is well-formed: a value of a field becomes another one, or the field goes.
fn harmed_tree(chance: &mut Rng, text: &str) -> String {
    let values: Vec<&str> = "null -1 0 '' [] {} true 1.5 99999999999999999999 x [null] {x:null} '*' 1Gi 9e99 / [[1]]".split(' ').collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=chance.below(3) {
        let number = chance.below(lines.len().max(1) as u64) as usize;
        let Some(line) = lines.get_mut(number) else { break };
        let colons: Vec<usize> = line.match_indices(": ").map(|(place, _)| place).collect();
        if colons.is_empty() || chance.below(5) == 0 {
            lines.remove(number);
            continue;
        }
        let from = pick(chance, &colons) + 2;
        let to = line[from..].find([',', '}', ']']).map_or(line.len(), |length| from + length);
        line.replace_range(from..to, pick(chance, &values));
    }
    lines.join("\n")
}

/// A cluster with something of most kinds in it, at rest.
fn base() -> Session {
    let mut session = Session::new(flavour::by_name("playground").expect("the flavour is there"), 2, 1);
    session.write_file("fixture.yaml", include_str!("examples/fixture.yaml"));
    session.run_setup("kubectl apply -f fixture.yaml");
    session.world.settle(Duration::seconds(300));
    session
}

fn play(session: &mut Session, line: &str) -> (i32, String) {
    line.lines().for_each(|line| session.type_line(line));
    session.run_to_prompt();
    // What still waits for input or for the rest of a command gets a Ctrl-C, or several.
    for _ in 0..5 {
        if session.state() != ConsoleState::Prompt {
            session.interrupt();
            session.run_to_prompt();
        }
    }
    assert_eq!(session.state(), ConsoleState::Prompt);
    let printed: Vec<u8> = session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
    (session.last_code(), String::from_utf8_lossy(&printed).into_owned())
}

/// The digests of the objects of each kind, after what a command takes of time when it does nothing.
fn objects(session: &Session) -> Vec<(String, String)> {
    digests(session).into_iter().filter(|(kind, _)| kind != "files").collect()
}

fn untouched(base: &Session) -> Vec<(String, String)> {
    let mut control = base.clone();
    play(&mut control, "kubectl version");
    objects(&control)
}

#[test]
fn fuzzed_manifests_are_taken_whole_or_not_at_all() {
    let (base, manifests, mut chance) = (base(), manifests(), Rng::new(1));
    let (before, mut refused) = (untouched(&base), 0);
    for round in 0..rounds(250) {
        let manifest = pick(&mut chance, &manifests);
        let text = if round % 3 == 0 { harmed(&mut chance, &manifest, &manifests) } else { harmed_tree(&mut chance, &manifest) };
        let playing = Playing::new(&text);
        let mut session = base.clone();
        session.write_file("fuzz.yaml", &text);
        let (code, _) = play(&mut session, &format!("kubectl {} -f fuzz.yaml", pick(&mut chance, &["apply", "create", "replace"])));
        if code != 0 && !text.contains("\n---") {
            refused += 1;
            assert_eq!(objects(&session), before);
        }
        session.world.advance(Duration::seconds(20));
        play(&mut session, "kubectl describe -f fuzz.yaml; kubectl get -f fuzz.yaml -o yaml; kubectl delete -f fuzz.yaml --wait=false");
        drop(playing);
    }
    assert!(refused > 20, "only {refused} were refused");
}

#[test]
fn fuzzed_lines_do_not_break_the_shell() {
    let (base, mut lines, mut chance) = (base(), lines(), Rng::new(2));
    lines.retain(|line| !line.contains("sleep"));
    for round in 0..rounds(250) {
        let line = pick(&mut chance, &lines);
        let mut text = harmed(&mut chance, &line, &lines).replace('\0', " ");
        if round % 4 == 0 {
            // In the other dialect.
            text = format!("kubectl exec busybox1 -- sh -c '{}'", text.replace('\'', "'\\''"));
        }
        let _playing = Playing::new(&text);
        let mut session = base.clone();
        text.lines().for_each(|line| drop(session.complete(line)));
        play(&mut session, &text);
        // However it ended, the console takes the next command.
        assert_eq!(play(&mut session, "true").0, 0);
    }
}

#[test]
fn fuzzed_calls_of_programs_end() {
    let (base, lines, mut chance) = (base(), lines(), Rng::new(3));
    let words: Vec<String> = lines.iter().flat_map(|line| line.split_whitespace().map(str::to_owned)).collect();
    let names = programs::PROGRAMS.names();
    for _ in 0..rounds(250) {
        let mut text = format!("printf 'b 2\\na 1\\n' | {}", pick(&mut chance, &names));
        for _ in 0..chance.below(5) {
            let word = match chance.below(4) {
                0 => token(&mut chance).to_owned(),
                1 => format!("-{}", char::from(b'A' + chance.below(58) as u8)),
                _ => pick(&mut chance, &words),
            };
            text += &format!(" '{}'", word.replace(['\'', '\n', '\0'], ""));
        }
        let _playing = Playing::new(&text);
        play(&mut base.clone(), &text);
    }
}

#[test]
fn fuzzed_flags_change_nothing_where_they_are_wrong() {
    let (base, mut chance) = (base(), Rng::new(4));
    let (before, mut refused) = (untouched(&base), 0);
    let values: Vec<&str> =
        " x -1 0 99999999999999999999 a=b a= = {.items[*]} {{.}} json yaml jsonpath={.x custom-columns=A:.b 1h 1x nosuch true {} [] a,b ../x \
                            fixture.yaml"
            .split(' ')
            .collect();
    let targets: Vec<&str> = "pods|pod/foo|pod foo|all|nodes foo|pvc data|deploy/nginx|sts|nosuch|pod/|/foo|foo|pods,svc|-|*|".split('|').collect();
    for _ in 0..rounds(300) {
        let verb = &VERBS[chance.below(VERBS.len() as u64) as usize];
        let mut text = format!("kubectl {} {}", verb.name, pick(&mut chance, &targets));
        let flags = flags::of(verb);
        for _ in 0..chance.below(4) {
            if let Some(flag) = flags.get(chance.below(flags.len() as u64) as usize) {
                text += &format!(" --{}='{}'", flag.long, pick(&mut chance, &values));
            }
        }
        let _playing = Playing::new(&text);
        let mut session = base.clone();
        session.complete(&text);
        let (code, printed) = play(&mut session, &format!("{text} < /dev/null"));
        if code != 0 && (printed.contains("--help' for usage") || printed.contains("unknown flag") || printed.contains("invalid argument")) {
            refused += 1;
            assert_eq!(objects(&session), before, "{printed}");
        }
        session.world.advance(Duration::seconds(5));
    }
    assert!(refused > 20, "only {refused} were refused");
}

#[test]
fn fuzzed_links_open_or_say_why_not() {
    let mut live = Live::new(Start::of_lab("first-consumer", &labs::parse(labs::ALL[3].page).expect("the lab is right"), 7));
    for line in ["kubectl get pvc", "kubectl apply -f claim.yaml", "ls"] {
        live.act(Action::Line(line.to_owned()));
        (0..20).for_each(|_| live.tick());
    }
    let (link, mut chance) = (live.link(), Rng::new(5));
    let packed = URL_SAFE_NO_PAD.decode(link.trim_start_matches("1.")).expect("a link is base64");
    let json = String::from_utf8(miniz_oxide::inflate::decompress_to_vec(&packed).expect("and packed")).expect("and text");
    for round in 0..rounds(80) {
        let text = if round % 2 == 0 {
            harmed(&mut chance, &link, std::slice::from_ref(&link))
        } else {
            let json = harmed(&mut chance, &json, std::slice::from_ref(&json));
            format!("1.{}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(json.as_bytes(), 6)))
        };
        let _playing = Playing::new(&text);
        match Live::open(&text) {
            Ok(opened) => drop(opened.note()),
            Err(sentence) => assert!(sentence.ends_with('.'), "{sentence}"),
        }
    }
}

#[test]
fn fuzzed_labs_and_pages_are_read_or_their_mistakes_have_lines() {
    let (labs, mut chance) = (texts("examples/labs", "md"), Rng::new(6));
    for round in 0..rounds(150) {
        let page = pick(&mut chance, &labs);
        let text = harmed(&mut chance, &page, &labs);
        let _playing = Playing::new(&text);
        if let Err(mistakes) = labs::parse(&text) {
            let last = text.split('\n').count();
            assert!(!mistakes.is_empty());
            mistakes.iter().for_each(|mistake| assert!((1..=last).contains(&mistake.line), "line {} of {last}: {}", mistake.line, mistake.text));
        }
        if round % 30 == 0 {
            replay::replay(&text);
        }
    }
}
