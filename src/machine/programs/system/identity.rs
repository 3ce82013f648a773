//! Programs that say which machine this is, who one is and what runs: hostname, uname, id, ps, kill and their kind.
//!
//! Models busybox coreutils/id.c, uname.c, procps/*.c. Simplified: processes of other containers are not seen.

use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::hosts::KERNEL;
use crate::machine::programs::lib::hosts::host_name;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::owners::owner_name;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::kernel::Signal;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "groups", usage: "[USER]", on: On::Everywhere, run: groups },
    Program { name: "hostname", usage: "[-sidf] [HOSTNAME | -F FILE]", on: On::Everywhere, run: hostname },
    Program { name: "id", usage: "[-ugGnr] [USER]", on: On::Everywhere, run: id },
    Program { name: "kill", usage: "[-l] [-SIG] PID...", on: On::Everywhere, run: kill },
    Program { name: "nproc", usage: "[--all] [--ignore=N]", on: On::Everywhere, run: nproc },
    Program { name: "pidof", usage: "[OPTIONS] [NAME]...\n\nList PIDs of all processes with names that match NAMEs", on: On::Everywhere, run: pidof },
    Program { name: "ps", usage: "[-o COL1,COL2=HEADER] [-T]", on: On::Everywhere, run: ps },
    Program { name: "tty", usage: "\n\nPrint file name of stdin's terminal", on: On::Everywhere, run: tty },
    Program { name: "uname", usage: "[-amnrspvio]\n\nPrint system information", on: On::Everywhere, run: uname },
    Program { name: "uptime", usage: "\n\nDisplay the time since the last boot", on: On::Everywhere, run: uptime },
    Program { name: "whoami", usage: "\n\nPrint the user name associated with the current effective user id", on: On::Everywhere, run: whoami },
];

/// The line of /etc/hosts that names the machine: address and names.
fn own_hosts_line(io: &Io<'_, '_>) -> Option<Vec<String>> {
    let name = host_name(io);
    let hosts = String::from_utf8_lossy(&io.files.read("/etc/hosts").ok()?).into_owned();
    hosts
        .lines()
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .find(|words| words.iter().skip(1).any(|word| *word == name))
}

fn hostname(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("sidfIF:", &[("fqdn", 'f'), ("ip-address", 'i'), ("short", 's'), ("domain", 'd')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if !options.operands.is_empty() {
        return io.fail("sethostname: Operation not permitted", 1);
    }
    let name = host_name(io);
    let line = own_hosts_line(io);
    let full = line.as_ref().and_then(|words| words.get(1).cloned()).unwrap_or_else(|| name.clone());
    let text = match options.last_of("sidfI") {
        Some('f') => full,
        Some('i' | 'I') => line.and_then(|words| words.first().cloned()).unwrap_or_else(|| "127.0.0.1".to_owned()),
        Some('d') => full.split_once('.').map_or(String::new(), |(_, domain)| domain.to_owned()),
        Some('s') => name.split('.').next().unwrap_or_default().to_owned(),
        _ => name,
    };
    io.out(&format!("{text}\n"));
    Syscall::Exit(0)
}

fn uname(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("asnrvmpio", &[("all", 'a'), ("kernel-release", 'r'), ("machine", 'm'), ("nodename", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let host = host_name(io);
    let parts = [
        ('s', "Linux"),
        ('n', host.as_str()),
        ('r', KERNEL),
        ('v', "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)"),
        ('m', "x86_64"),
        ('o', "GNU/Linux"),
    ];
    let none = options.flags.is_empty();
    let chosen: Vec<&str> =
        parts.iter().filter(|(flag, _)| options.has('a') || options.has(*flag) || (none && *flag == 's')).map(|(_, text)| *text).collect();
    io.out(&(chosen.join(" ") + "\n"));
    Syscall::Exit(0)
}

fn whoami(io: &mut Io<'_, '_>) -> Syscall {
    let uid = io.files.mounts.user.uid;
    let name = owner_name(io, "/etc/passwd", uid);
    if name == uid.to_string() {
        let message = if io.gnu() { format!("cannot find name for user ID {uid}") } else { format!("unknown uid {uid}") };
        return io.fail(&message, 1);
    }
    io.out(&format!("{name}\n"));
    Syscall::Exit(0)
}

fn id(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("ugGnr", &[("user", 'u'), ("group", 'g'), ("name", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if let Some(user) = options.operands.first().filter(|user| *user != "root") {
        return id_of(io, &user.clone(), options.last_of("ugG"), options.has('n'));
    }
    let who = io.files.mounts.user.clone();
    let user = |io: &Io<'_, '_>| owner_name(io, "/etc/passwd", who.uid);
    let group = |io: &Io<'_, '_>, gid: u32| owner_name(io, "/etc/group", gid);
    let named = |number: u32, name: String| if name == number.to_string() { name } else { format!("{number}({name})") };
    let all = if who.groups.is_empty() { vec![who.gid] } else { who.groups.clone() };
    let text = match (options.last_of("ugG"), options.has('n')) {
        (None, _) => {
            let groups: Vec<String> = all.iter().map(|gid| named(*gid, group(io, *gid))).collect();
            format!("uid={} gid={} groups={}", named(who.uid, user(io)), named(who.gid, group(io, who.gid)), groups.join(","))
        }
        (Some('u'), true) => user(io),
        (Some('u'), false) => who.uid.to_string(),
        (Some('g'), true) => group(io, who.gid),
        (Some('g'), false) => who.gid.to_string(),
        (_, true) => all.iter().map(|gid| group(io, *gid)).collect::<Vec<_>>().join(" "),
        (_, false) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    io.out(&format!("{text}\n"));
    Syscall::Exit(0)
}

fn groups(io: &mut Io<'_, '_>) -> Syscall {
    match io.arguments().first().cloned() {
        Some(user) if user != "root" => id_of(io, &user, Some('G'), true),
        _ => {
            io.out("root\n");
            Syscall::Exit(0)
        }
    }
}

/// Who a user of the table is.
fn id_of(io: &mut Io<'_, '_>, user: &str, only: Option<char>, name: bool) -> Syscall {
    let table = String::from_utf8_lossy(&io.files.read("/etc/passwd").unwrap_or_default()).into_owned();
    let found = table.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == user);
    let numbers = found.and_then(|fields| Some((fields.get(2)?.parse::<u32>().ok()?, fields.get(3)?.parse::<u32>().ok()?)));
    let Some((uid, gid)) = numbers else {
        let message = if io.gnu() { format!("'{user}': no such user") } else { format!("unknown user {user}") };
        return io.fail(&message, 1);
    };
    let group = owner_name(io, "/etc/group", gid);
    let group_words = if group == gid.to_string() { group.clone() } else { format!("{gid}({group})") };
    let text = match (only, name) {
        (None, _) => format!("uid={uid}({user}) gid={group_words} groups={group_words}"),
        (Some('u'), true) => user.to_owned(),
        (Some('u'), false) => uid.to_string(),
        (Some(_), true) => group,
        (Some(_), false) => gid.to_string(),
    };
    io.out(&format!("{text}\n"));
    Syscall::Exit(0)
}

fn nproc(io: &mut Io<'_, '_>) -> Syscall {
    io.out("2\n");
    Syscall::Exit(0)
}

fn uptime(io: &mut Io<'_, '_>) -> Syscall {
    let text = date_text(" %H:%M:%S up 1 day,  0:00,  0 users,  load average: 0.00, 0.00, 0.00\n", io.now);
    io.out(&text);
    Syscall::Exit(0)
}

pub(super) fn kill(io: &mut Io<'_, '_>) -> Syscall {
    let mut words = io.arguments().to_vec();
    let signal = if words.first().is_some_and(|word| word.starts_with('-')) { words.remove(0) } else { String::new() };
    if words.is_empty() {
        return io.fail("you need to specify whom to kill", 1);
    }
    let mut code = 0;
    for word in words {
        match word.parse::<i64>() {
            // Number 1 ignores what it has no handler for, so also a signal that ends others.
            Ok(1) if matches!(signal.trim_start_matches("-SIG").trim_start_matches('-'), "" | "15" | "TERM" | "3" | "QUIT") => {
                io.kernel.signal_first(Signal::Terminate);
            }
            Ok(1) => {}
            Ok(_) => {
                io.complain(&format!("can't kill pid {word}: No such process"));
                code = 1;
            }
            Err(_) => {
                io.complain(&format!("invalid number '{word}'"));
                code = 1;
            }
        }
    }
    Syscall::Exit(code)
}

/// The processes of the machine: number and command line.
fn processes(io: &Io<'_, '_>) -> Vec<(u32, String)> {
    // The container's first process is known by what its runtime wrote down.
    let first = io.files.read("/proc/1/cmdline").ok().map(|bytes| (1, String::from_utf8_lossy(&bytes).replace('\0', " ").trim().to_owned()));
    first.into_iter().chain(io.kernel.commands().into_iter().map(|(number, command)| (number + 6, command))).collect()
}

fn ps(io: &mut Io<'_, '_>) -> Syscall {
    let mut text = if io.gnu() { "    PID TTY          TIME CMD\n".to_owned() } else { "PID   USER     TIME  COMMAND\n".to_owned() };
    for (number, command) in processes(io) {
        text += &if io.gnu() {
            let name = command.split(' ').next().unwrap_or("").to_owned();
            format!("{number:7} ?        00:00:00 {name}\n")
        } else {
            format!("{number:5} root      0:00 {command}\n")
        };
    }
    io.out(&text);
    Syscall::Exit(0)
}

fn pidof(io: &mut Io<'_, '_>) -> Syscall {
    let names: Vec<String> = io.arguments().iter().filter(|name| !name.starts_with('-')).cloned().collect();
    let called = |command: &str| command.split(' ').next().unwrap_or("").rsplit('/').next().unwrap_or("").to_owned();
    let found: Vec<String> =
        processes(io).iter().rev().filter(|(_, command)| names.contains(&called(command))).map(|(number, _)| number.to_string()).collect();
    if found.is_empty() {
        return Syscall::Exit(1);
    }
    io.out(&(found.join(" ") + "\n"));
    Syscall::Exit(0)
}

fn tty(io: &mut Io<'_, '_>) -> Syscall {
    let terminal = io.is_terminal(0);
    io.out(if terminal { "/dev/pts/0\n" } else { "not a tty\n" });
    Syscall::Exit(i32::from(!terminal))
}
