//! wasm32: mounts the app. Host: `statelab` is the console; `statelab replay PAGE.md`; `statelab check LAB.md`.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["replay", page] => match std::fs::read_to_string(page) {
            Ok(text) => {
                print!("{}", statelab::playground::replay::replay(&text));
                std::process::ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("statelab: {page}: {error}");
                std::process::ExitCode::FAILURE
            }
        },
        _ => std::process::ExitCode::FAILURE,
    }
}
