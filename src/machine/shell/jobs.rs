//! Background jobs of a shell at a prompt: `&`, `jobs`, `fg`, `bg`, `%1`.
//!
//! Models bash's jobs.c. Simplified: nothing is stopped (Ctrl-Z), and a job never reads the terminal.

use super::builtins::Outcome;
use super::interpreter::{Shell, Turning};
use crate::machine::kernel::Dialect;
use crate::machine::kernel::task::{TaskId, TaskState};
use crate::machine::kernel::tree::Kernel;
use std::rc::Rc;

/// A command that runs in the background.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    number: u32,
    pub(super) task: TaskId,
    text: Rc<str>,
    /// Its exit code, where `wait` has taken it.
    pub(super) code: Option<i32>,
}

/// Jobs in the order in which they began.
pub type Jobs = Vec<Job>;

/// Adds a job under the next free number, which it gives.
pub fn add(jobs: &mut Jobs, task: TaskId, text: Rc<str>) -> u32 {
    let number = jobs.iter().map(|job| job.number).max().unwrap_or(0) + 1;
    jobs.push(Job { number, task, text, code: None });
    number
}

/// The place of the job that a word such as `%1`, `%%`, `%-` or `%name` means.
pub fn find(jobs: &Jobs, word: &str) -> Option<usize> {
    let name = word.strip_prefix('%').unwrap_or(word);
    match name {
        "" | "%" | "+" => jobs.len().checked_sub(1),
        "-" => jobs.len().checked_sub(2),
        _ => match name.parse::<u32>() {
            Ok(number) => jobs.iter().position(|job| job.number == number),
            Err(_) => jobs.iter().rposition(|job| job.text.starts_with(name)),
        },
    }
}

impl Job {
    /// Its exit code once it is over; `Some(None)`: it was ended from outside.
    fn over(&self, kernel: &Kernel) -> Option<Option<i32>> {
        match (self.code, kernel.tasks.get(&self.task).map(|task| &task.state)) {
            (Some(code), _) => Some(Some(code)),
            (None, Some(TaskState::Zombie(code))) => Some(Some(*code)),
            (None, None) => Some(None),
            (None, Some(_)) => None,
        }
    }

    fn line(&self, kernel: &Kernel, mark: char) -> String {
        let (state, end) = match self.over(kernel) {
            None => ("Running".to_owned(), " &"),
            Some(None | Some(0)) => ("Done".to_owned(), ""),
            Some(Some(137)) => ("Killed".to_owned(), ""),
            Some(Some(143)) => ("Terminated".to_owned(), ""),
            Some(Some(code)) => (format!("Exit {code}"), ""),
        };
        format!("[{}]{mark}  {state:<24}{}{end}\n", self.number, self.text)
    }
}

impl Turning<'_, '_, '_> {
    /// The lines of those jobs that `shown` accepts; those that are over are forgotten.
    fn list_jobs(&mut self, shell: &mut Shell, shown: impl Fn(bool) -> bool) -> String {
        let last = shell.jobs.len();
        let mark = |place: usize| [' ', '+', '-'].get(last - place).copied().unwrap_or(' ');
        let over = |job: &Job| job.over(self.kernel).is_some();
        let text = shell.jobs.iter().enumerate().filter(|(_, job)| shown(over(job))).map(|(place, job)| job.line(self.kernel, mark(place))).collect();
        let (ended, left): (Jobs, Jobs) = std::mem::take(&mut shell.jobs).into_iter().partition(over);
        shell.jobs = left;
        for job in &ended {
            self.kernel.reap(job.task);
        }
        text
    }

    /// Says before a prompt which jobs have ended.
    pub(super) fn report_jobs(&mut self, shell: &mut Shell) {
        let text = self.list_jobs(shell, |over| over);
        if !text.is_empty() {
            self.complain(&text);
        }
    }
}

pub(super) fn jobs(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, _: &[String]) -> Outcome {
    let text = turning.list_jobs(shell, |_| true);
    turning.out(&text);
    Outcome::Done(0)
}

/// What `fg` and `bg` say where there is no such job.
fn no_job(turning: &mut Turning<'_, '_, '_>, shell: &Shell, argv: &[String]) -> Outcome {
    let word = argv.get(1).map_or("current", String::as_str);
    if !shell.has_jobs() && turning.dialect() == Dialect::Bash {
        turning.error(&format!("{}: no job control", argv[0]));
        return Outcome::Done(1);
    }
    if turning.dialect() == Dialect::Bash {
        turning.error(&format!("{}: {word}: no such job", argv[0]));
        return Outcome::Done(1);
    }
    turning.builtin_error(&argv[0], "No current job");
    shell.special_failed(2)
}

pub(super) fn bg(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let Some(place) = find(&shell.jobs, argv.get(1).map_or("%%", String::as_str)) else { return no_job(turning, shell, argv) };
    let number = shell.jobs[place].number;
    turning.error(&format!("bg: job {number} already in background"));
    Outcome::Done(0)
}

/// Waits for a job as if it had been started without `&`.
pub(super) fn fg(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let Some(place) = find(&shell.jobs, argv.get(1).map_or("%%", String::as_str)) else { return no_job(turning, shell, argv) };
    let job = shell.jobs[place].clone();
    if let Some(task) = turning.kernel.tasks.get_mut(&job.task)
        && task.background
    {
        task.background = false;
        turning.out(&format!("{}\n", job.text));
    }
    match job.over(turning.kernel) {
        None => Outcome::Block { input: false },
        Some(code) => {
            shell.jobs.remove(place);
            turning.kernel.reap(job.task);
            Outcome::Done(code.unwrap_or(0))
        }
    }
}
