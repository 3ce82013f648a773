//! The pages of `kubectl COMMAND --help`.

use super::failure::Failure;
use super::invocation::{Invocation, Ran, Verb};
use crate::commands::cli::host::Host;

/// The pages of `kubectl COMMAND --help` (written by `source/main.go`): first the flags, one a line with its text behind a tab; then each page
/// behind `%COMMAND`, where a line such as `@3 14` stands for those flags.
const PAGES: &str = include_str!("help.txt");
/// Where the pages were written, the home directory is this.
const HOME: &str = "/root/";

/// What `kubectl` alone prints.
pub fn overview(host: &Host<'_>) -> String {
    of_command(host, "")
}

/// What `kubectl VERB --help` prints.
pub fn page(host: &Host<'_>, verb: &Verb) -> String {
    verb.own.map_or_else(|| of_command(host, verb.name), |(_, page)| page.to_owned())
}

/// A command that prints its help, and that is no mistake.
pub fn show(invocation: &mut Invocation<'_, '_>) -> Ran {
    let page = page(invocation.host, invocation.verb);
    invocation.output.out(&page);
    Ok(None)
}

/// A command that only groups others: prints its help and fails.
pub fn group(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !invocation.args.positional.is_empty() {
        return Err(Failure::usage(format!("unknown command {:?}", invocation.args.positional.join(" "))));
    }
    show(invocation)?;
    Err(Failure::Code(1))
}

fn of_command(host: &Host<'_>, command: &str) -> String {
    let home = host.environment.get("HOME").map_or("", String::as_str);
    let (flags, pages) = PAGES.split_once("\n%").unwrap_or((PAGES, ""));
    let flags: Vec<&str> = flags.lines().collect();
    let found = pages.split("\n%").find_map(|page| page.split_once('\n').filter(|(name, _)| *name == command));
    let mut text = String::new();
    let mut examples = false;
    let lines: Vec<&str> = found.map_or("", |(_, page)| page).lines().collect();
    for (index, line) in lines.iter().enumerate() {
        match line.strip_prefix('@') {
            Some(numbers) => {
                for flag in numbers.split(' ').filter_map(|number| flags.get(number.parse::<usize>().ok()?)) {
                    let (name, about) = flag.split_once('\t').unwrap_or((flag, ""));
                    text.push_str(&format!("    {name}\n\t{about}\n\n"));
                }
                // The page goes on behind the last flag's own blank line.
                text.pop();
            }
            None => {
                examples = *line == "Examples:" || examples && (line.is_empty() || line.starts_with(' '));
                // Between examples stand two blanks, behind them nothing.
                let between = examples && line.is_empty() && lines.get(index + 1).is_some_and(|next| next.starts_with("  "));
                text.push_str(if between { "  " } else { line });
                text.push('\n');
            }
        }
    }
    text.replace(&format!("'{HOME}.kube"), &format!("'{home}/.kube"))
}
