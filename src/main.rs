//! wasm32: mounts the app. Host: `statelab` is the console; `statelab replay PAGE.md`; `statelab check LAB.md`.

#[cfg(target_arch = "wasm32")]
fn main() {
    statelab::app::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    host::main()
}

/// The console on a terminal, and the commands for pages and labs.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use rustyline::completion::Completer;
    use rustyline::error::ReadlineError;
    use rustyline::highlight::Highlighter;
    use rustyline::hint::Hinter;
    use rustyline::history::DefaultHistory;
    use rustyline::validate::Validator;
    use rustyline::{CompletionType, Config, Context, Editor, Helper};
    use statelab::control::flavour;
    use statelab::machine::kernel::Stream;
    use statelab::playground::console::ConsoleState;
    use statelab::playground::session::Session;
    use statelab::playground::{labs, replay};
    use statelab::values::clock::Duration;
    use std::io::{BufRead, IsTerminal, Write};
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    const USAGE: &str = "usage: statelab                    the console: a cluster of three nodes, kubectl and a shell
       statelab replay PAGE.md     prints a session page with our outputs
       statelab check LAB.md...    plays labs and prints what is wrong with them
";
    const NODES: usize = 3;
    const SEED: u64 = 1;
    /// How often the simulated time follows the real one while a command runs.
    const TICK_MS: u64 = 50;
    const STEPS: usize = 2000;
    /// After so many Ctrl-C that did not end the command, the console itself ends.
    const INTERRUPTS_MAX: u32 = 5;

    pub fn main() -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] if std::io::stdin().is_terminal() => terminal(),
            [] => piped(),
            ["replay", page] => with_file(page, |text| {
                print!("{}", replay::replay(text));
                ExitCode::SUCCESS
            }),
            ["check", pages @ ..] if !pages.is_empty() => check(pages),
            ["-h" | "--help" | "help"] => {
                print!("{USAGE}");
                ExitCode::SUCCESS
            }
            _ => {
                eprint!("{USAGE}");
                ExitCode::from(2)
            }
        }
    }

    fn with_file(path: &str, use_it: impl FnOnce(&str) -> ExitCode) -> ExitCode {
        match std::fs::read_to_string(path) {
            Ok(text) => use_it(&text),
            Err(error) => {
                eprintln!("statelab: {path}: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn check(pages: &[&str]) -> ExitCode {
        let mut faults = 0;
        for page in pages {
            let Ok(text) = std::fs::read_to_string(page) else {
                eprintln!("statelab: {page}: cannot be read");
                faults += 1;
                continue;
            };
            let mistakes = match labs::parse(&text) {
                Ok(lab) => labs::play(&lab, SEED),
                Err(mistakes) => mistakes,
            };
            for mistake in &mistakes {
                println!("{page}:{}: {}", mistake.line, mistake.text);
            }
            if mistakes.is_empty() {
                println!("{page}: ok");
            }
            faults += mistakes.len();
        }
        if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn session() -> Session {
        let flavour = flavour::by_name("playground").unwrap_or(&flavour::FLAVOURS[0]);
        Session::new(flavour, NODES, SEED)
    }

    /// Prints what the session has written. False: nobody reads it any more.
    fn flush(session: &mut Session) -> bool {
        let mut open = true;
        for chunk in session.take_output() {
            open &= match chunk.stream {
                Stream::Stdout => std::io::stdout().write_all(&chunk.bytes).and_then(|()| std::io::stdout().flush()).is_ok(),
                Stream::Stderr => std::io::stderr().write_all(&chunk.bytes).is_ok(),
            };
        }
        for note in session.take_notes() {
            eprintln!("note: {note}");
        }
        open
    }

    /// Commands from a pipe: the clock jumps.
    fn piped() -> ExitCode {
        let mut session = session();
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            session.type_line(&line);
            session.run_to_prompt();
            if !flush(&mut session) || session.has_left() {
                return code(&session);
            }
        }
        session.end_input();
        session.run_to_prompt();
        flush(&mut session);
        code(&session)
    }

    fn code(session: &Session) -> ExitCode {
        ExitCode::from(u8::try_from(session.last_code()).unwrap_or(1))
    }

    /// Tab asks the session as it was when the line began.
    struct Tab {
        session: Session,
    }

    impl Helper for Tab {}
    impl Highlighter for Tab {}
    impl Validator for Tab {}
    impl Hinter for Tab {
        type Hint = String;
    }

    impl Completer for Tab {
        type Candidate = String;

        fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
            Ok(self.session.complete(&line[..position]))
        }
    }

    /// The console: while a command runs, one simulated second is a real one.
    fn terminal() -> ExitCode {
        let mut session = session();
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let Ok(mut editor) = Editor::<Tab, DefaultHistory>::with_config(config) else {
            eprintln!("statelab: no terminal");
            return ExitCode::FAILURE;
        };
        println!(
            "A Kubernetes {} cluster of {NODES} nodes. kubectl and a shell are here; Tab completes, Ctrl-D leaves.",
            session.cluster().flavour.version
        );
        // The line editor has Ctrl-C while it reads; while a command runs, it is a signal for that command.
        let interrupted = Arc::new(AtomicBool::new(false));
        if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted.clone()) {
            eprintln!("statelab: Ctrl-C will end the console: {error}");
        }
        let mut last = std::time::Instant::now();
        loop {
            editor.set_helper(Some(Tab { session: session.clone() }));
            let line = editor.readline(&session.prompt());
            session.advance(Duration::millis(last.elapsed().as_millis() as u64), STEPS);
            last = std::time::Instant::now();
            flush(&mut session);
            match line {
                Ok(line) => session.type_line(&line),
                Err(ReadlineError::Interrupted) => session.interrupt(),
                Err(ReadlineError::Eof) if session.state() == ConsoleState::Prompt => break,
                Err(ReadlineError::Eof) => session.end_input(),
                Err(error) => {
                    eprintln!("statelab: {error}");
                    break;
                }
            }
            let mut interrupts = 0;
            while flush(&mut session) && session.state() == ConsoleState::Running && interrupts < INTERRUPTS_MAX {
                std::thread::sleep(std::time::Duration::from_millis(TICK_MS));
                if interrupted.swap(false, Ordering::Relaxed) {
                    println!();
                    session.interrupt();
                    interrupts += 1;
                }
                session.advance(Duration::millis(last.elapsed().as_millis() as u64), STEPS);
                last = std::time::Instant::now();
            }
            if interrupts == INTERRUPTS_MAX || session.has_left() {
                break;
            }
        }
        code(&session)
    }
}
