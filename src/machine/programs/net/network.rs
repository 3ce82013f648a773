//! Programs that use the network: nslookup, ping, wget, curl, nc, and those that show its addresses: ip, ifconfig.
//!
//! Models busybox networking/*.c. What answers is the owner's `Network`. Simplified: only HTTP answers; round trips take no time.

use crate::machine::programs::lib::hosts::addresses;
use crate::machine::programs::lib::hosts::host_name;
use crate::machine::programs::lib::hosts::is_address;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::options::parse;
use crate::machine::programs::lib::sizes::span;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::kernel::HttpGet;
use crate::values::clock::Duration;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "curl", usage: "[options...] <url>", on: On::Everywhere, run: curl },
    Program { name: "ifconfig", usage: "[-a] [IFACE] [ADDRESS]", on: On::Everywhere, run: ifconfig },
    Program { name: "ip", usage: "[OPTIONS] address|route|link|neigh|rule [ARGS]", on: On::Everywhere, run: ip },
    Program { name: "nc", usage: "[OPTIONS] HOST PORT  - connect", on: On::Everywhere, run: nc },
    Program { name: "nslookup", usage: "[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]", on: On::Everywhere, run: nslookup },
    Program { name: "ping", usage: "[OPTIONS] HOST", on: On::Everywhere, run: ping },
    Program { name: "wget", usage: "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [-T SEC] URL...", on: On::Everywhere, run: wget },
];

/// What a round trip seems to take, in microseconds.
const ROUND_TRIP: u64 = 100;

fn nslookup(io: &mut Io<'_, '_>) -> Syscall {
    let (options, operands): (Vec<String>, Vec<String>) = io.arguments().iter().cloned().partition(|word| word.starts_with('-'));
    let asked: Vec<String> = options
        .iter()
        .filter_map(|option| option.split_once('=').filter(|(name, _)| "-querytype".starts_with(name) || "-type".starts_with(name)))
        .map(|(_, kind)| kind.to_lowercase())
        .collect();
    let Some(host) = operands.first().cloned() else { return io.wrong_usage(None) };
    let Some(server) = operands.get(1).cloned().or_else(|| io.network.name_server()) else {
        io.out(";; connection timed out; no servers could be reached\n\n");
        return Syscall::Exit(1);
    };
    if io.profile().old_nslookup { old_nslookup(io, &host, &server) } else { new_nslookup(io, &host, &server, &asked) }
}

/// As busybox 1.28 and earlier print: the C library resolves, and each address is looked up again for its name.
fn old_nslookup(io: &mut Io<'_, '_>, host: &str, server: &str) -> Syscall {
    let named = |io: &Io<'_, '_>, address: &str| io.network.reverse(address).map_or(address.to_owned(), |name| format!("{address} {name}"));
    let server_line = named(io, server);
    io.out(&format!("Server:    {server}\nAddress 1: {server_line}\n\n"));
    let found = addresses(io, host);
    if found.is_empty() {
        io.err(&format!("nslookup: can't resolve '{host}'\n"));
        return Syscall::Exit(1);
    }
    let mut text = format!("Name:      {host}\n");
    for (index, address) in found.iter().enumerate() {
        text += &format!("Address {}: {}\n", index + 1, named(io, address));
    }
    io.out(&text);
    Syscall::Exit(0)
}

/// As busybox 1.29 and later print: one question for each record type, no search list for names with a dot.
fn new_nslookup(io: &mut Io<'_, '_>, host: &str, server: &str, asked: &[String]) -> Syscall {
    let mut text = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
    if is_address(host) {
        match io.network.reverse(host) {
            Some(name) => {
                let backwards: Vec<&str> = host.rsplit('.').collect();
                text += &format!("{}.in-addr.arpa\tname = {name}\n\n", backwards.join("."));
                io.out(&text);
                return Syscall::Exit(0);
            }
            None => {
                let backwards: Vec<&str> = host.rsplit('.').collect();
                text += &format!("** server can't find {}.in-addr.arpa: NXDOMAIN\n\n", backwards.join("."));
                io.out(&text);
                return Syscall::Exit(1);
            }
        }
    }
    let names = if host.contains('.') { vec![host.trim_end_matches('.').to_owned()] } else { searched(io, host) };
    // The A records of all names first, then the AAAA records, of which a cluster of one family has none.
    let kinds: Vec<&str> = if asked.is_empty() { vec!["a", "aaaa"] } else { asked.iter().map(String::as_str).collect() };
    let mut code = 0;
    for kind in kinds {
        for name in &names {
            match answers(io, name, kind) {
                Some(lines) => text += &(lines.concat() + "\n"),
                None => {
                    code = 1;
                    text += &format!("** server can't find {name}: NXDOMAIN\n\n");
                }
            }
        }
    }
    io.out(&text);
    Syscall::Exit(code)
}

/// The records of one kind that a full name has, as nslookup prints them; `None`: no such name.
fn answers(io: &Io<'_, '_>, name: &str, kind: &str) -> Option<Vec<String>> {
    let full = format!("{name}.");
    if let Some(target) = io.network.alias(&full) {
        let mut lines = vec![format!("{name}\tcanonical name = {target}\n")];
        let found = io.network.lookup(&format!("{target}.")).filter(|_| kind == "a");
        lines.extend(found.into_iter().flatten().map(|address| format!("Name:\t{target}\nAddress: {address}\n")));
        return Some(lines);
    }
    let services = io.network.services(&full);
    let found = io.network.lookup(&full);
    if services.is_none() && found.is_none() {
        return None;
    }
    Some(match kind {
        "a" => found.into_iter().flatten().map(|address| format!("Name:\t{name}\nAddress: {address}\n")).collect(),
        "srv" => services.into_iter().flatten().map(|record| format!("{name}\tservice = {record}\n")).collect(),
        _ => Vec::new(),
    })
}

/// The names that the search list of /etc/resolv.conf makes of a short one.
fn searched(io: &Io<'_, '_>, host: &str) -> Vec<String> {
    let resolver = String::from_utf8_lossy(&io.files.read("/etc/resolv.conf").unwrap_or_default()).into_owned();
    let search = resolver.lines().filter_map(|line| line.strip_prefix("search ")).flat_map(str::split_whitespace);
    let names: Vec<String> = search.map(|domain| format!("{host}.{domain}")).collect();
    if names.is_empty() { vec![host.to_owned()] } else { names }
}

fn ping(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("46qc:s:i:W:w:I:t:A", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(host) = options.operands.first().cloned() else { return io.wrong_usage(None) };
    let most = options.value('c').and_then(|count| count.parse().ok()).unwrap_or(i64::MAX);
    let bytes: u32 = options.value('s').and_then(|size| size.parse().ok()).unwrap_or(56);
    // The numbers: packets sent, packets received.
    if io.scratch.phase == 0 {
        io.scratch.phase = 1;
        let Some(address) = addresses(io, &host).first().cloned() else {
            return io.fail(&format!("bad address '{host}'"), 1);
        };
        io.out(&format!("PING {host} ({address}): {bytes} data bytes\n"));
        io.scratch.words = vec![address];
    }
    let address = io.scratch.words.first().cloned().unwrap_or_default();
    if io.scratch.phase == 1 && io.scratch.numbers[0] < most {
        let sequence = io.scratch.numbers[0];
        io.scratch.numbers[0] += 1;
        if io.network.answers_ping(&address) || address == "127.0.0.1" {
            io.scratch.numbers[1] += 1;
            if !options.has('q') {
                io.out(&format!("{} bytes from {address}: seq={sequence} ttl=64 time=0.{ROUND_TRIP} ms\n", bytes + 8));
            }
        }
        if io.scratch.numbers[0] < most {
            let wait = options.value('i').and_then(span).unwrap_or(1000);
            return Syscall::Sleep(io.now + Duration::millis(wait));
        }
        if io.scratch.numbers[1] < io.scratch.numbers[0] {
            // The last packet is waited for.
            io.scratch.phase = 2;
            let wait = options.value('W').and_then(span).unwrap_or(10_000);
            return Syscall::Sleep(io.now + Duration::millis(wait));
        }
    }
    let (sent, received) = (io.scratch.numbers[0], io.scratch.numbers[1]);
    let loss = (sent - received) * 100 / sent.max(1);
    let mut text = format!("\n--- {host} ping statistics ---\n{sent} packets transmitted, {received} packets received, {loss}% packet loss\n");
    if received > 0 {
        text += &format!("round-trip min/avg/max = 0.{ROUND_TRIP}/0.{ROUND_TRIP}/0.{ROUND_TRIP} ms\n");
    }
    io.out(&text);
    Syscall::Exit(i32::from(received == 0))
}

/// `http://host:port/path`, taken apart.
fn url_parts(url: &str) -> (String, String, u16, String) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let host = host.rsplit('@').next().unwrap_or(host);
    let default = if scheme == "https" { 443 } else { 80 };
    let (host, port) = host.rsplit_once(':').map_or((host, default), |(host, port)| (host, port.parse().unwrap_or(default)));
    (scheme.to_owned(), host.to_owned(), port, path.to_owned())
}

fn reason_phrase(code: u16) -> &'static str {
    match code {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// An HTTP GET of a program of that name.
fn get(io: &mut Io<'_, '_>, host: &str, port: u16, path: &str, agent: &str) -> Result<(u16, Vec<u8>), String> {
    io.network.http_get(io.files.disks, &HttpGet { host, port, path, agent })
}

fn wget(io: &mut Io<'_, '_>) -> Syscall {
    let long = [
        ("quiet", 'q'),
        ("output-document", 'O'),
        ("timeout", 'T'),
        ("server-response", 'S'),
        ("spider", 's'),
        ("header", 'H'),
        ("no-check-certificate", 'N'),
        ("tries", 't'),
        ("post-data", 'D'),
    ];
    let options = match io.options("cqSsNO:o:T:P:U:t:Y:H:D:", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(url) = options.operands.first().cloned() else { return io.wrong_usage(None) };
    let (scheme, host, port, path) = url_parts(&url);
    if !matches!(scheme.as_str(), "http" | "https" | "ftp") {
        return io.fail(&format!("not an http or ftp url: {url}"), 1);
    }
    let quiet = options.has('q');
    let Some(address) = addresses(io, &host).first().cloned() else {
        return io.fail(&format!("bad address '{host}'"), 1);
    };
    if !quiet {
        io.err(
            &format!("Connecting to {host}:{port} ({address}:{port})\n")
                .replace(&format!("{host}:{port}"), &if port == 80 { host.clone() } else { format!("{host}:{port}") }),
        );
    }
    let answer = if scheme == "http" { get(io, &host, port, &path, "Wget") } else { Err("not simulated here: TLS".to_owned()) };
    let (code, body) = match answer {
        Ok(answer) => answer,
        Err(reason) if reason.starts_with("bad address") || reason.starts_with("can't connect") || reason.starts_with("not simulated") => {
            return io.fail(&reason, 1);
        }
        // Nothing answers: with -T it is given up after so long, as a refused connection is at once.
        Err(reason) if reason.contains("timed out") => return io.fail("download timed out", 1),
        Err(reason) => return io.fail(&format!("can't connect to remote host ({address}): {reason}"), 1),
    };
    if options.has('S') {
        io.err(&format!("  HTTP/1.1 {code} {}\n  Content-Length: {}\n  Connection: close\n  \n", reason_phrase(code), body.len()));
    }
    if code >= 400 {
        return io.fail(&format!("server returned error: HTTP/1.1 {code} {}", reason_phrase(code)), 1);
    }
    if options.has('s') {
        if !quiet {
            io.err("remote file exists\n");
        }
        return Syscall::Exit(0);
    }
    let name =
        options.value('O').map_or_else(|| path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("index.html").to_owned(), str::to_owned);
    if name == "-" {
        io.out_bytes(&body);
    } else {
        let target = options.value('P').map_or(name.clone(), |folder| format!("{folder}/{name}"));
        if io.files.exists(&io.path(&target)) && !options.has('O') {
            return io.fail(&format!("can't open '{target}': File exists"), 1);
        }
        if let Err(error) = io.files.write(&io.path(&target), &body) {
            return io.fail(&format!("can't open '{target}': {error}"), 1);
        }
    }
    if !quiet {
        let shown = if name == "-" { "writing to stdout".to_owned() } else { format!("saving to '{name}'") };
        let last = if name == "-" { "written to stdout".to_owned() } else { format!("'{name}' saved") };
        let bar = format!("{name:<20} 100% |********************************| {:5}  0:00:00 ETA\n", body.len());
        io.err(&format!("{shown}\n{bar}{last}\n"));
    }
    Syscall::Exit(0)
}

fn curl(io: &mut Io<'_, '_>) -> Syscall {
    let long = [
        ("silent", 's'),
        ("show-error", 'S'),
        ("output", 'o'),
        ("location", 'L'),
        ("include", 'i'),
        ("head", 'I'),
        ("max-time", 'm'),
        ("connect-timeout", 'c'),
        ("fail", 'f'),
        ("insecure", 'k'),
        ("verbose", 'v'),
        ("request", 'X'),
        ("header", 'H'),
        ("data", 'd'),
        ("write-out", 'w'),
        ("user", 'u'),
    ];
    let options = match parse(io.arguments(), "sSo:LiIm:c:fkvX:H:d:w:u:O", &long) {
        Ok(options) => options,
        Err(message) => {
            let message = message.replace("invalid option -- '", "option -").replace("unrecognized option '", "option ").replace('\'', "");
            io.err(&format!("curl: {message}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"));
            return Syscall::Exit(2);
        }
    };
    let Some(url) = options.operands.first().cloned() else {
        io.err("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return Syscall::Exit(2);
    };
    let (scheme, host, port, path) = url_parts(&url);
    let quiet = options.has('s') && !options.has('S');
    let failed = |io: &mut Io<'_, '_>, code: i32, message: &str| {
        if !quiet {
            io.err(&format!("curl: ({code}) {message}\n"));
        }
        Syscall::Exit(code)
    };
    if addresses(io, &host).is_empty() {
        return failed(io, 6, &format!("Could not resolve host: {host}"));
    }
    if scheme != "http" {
        return failed(io, 1, &format!("not simulated here: {scheme}"));
    }
    let (code, body) = match get(io, &host, port, &path, "curl/7.88.1") {
        Ok(answer) => answer,
        Err(reason) if reason.contains("timed out") => {
            return failed(io, 28, &format!("Failed to connect to {host} port {port} after 130000 ms: {reason}"));
        }
        Err(reason) => {
            let why = reason.rsplit(": ").next().unwrap_or(&reason);
            return failed(io, 7, &format!("Failed to connect to {host} port {port} after 0 ms: {why}"));
        }
    };
    if options.has('f') && code >= 400 {
        return failed(io, 22, &format!("The requested URL returned error: {code}"));
    }
    let mut output = Vec::new();
    if options.has('i') || options.has('I') {
        output.extend(format!("HTTP/1.1 {code} {}\r\nContent-Length: {}\r\n\r\n", reason_phrase(code), body.len()).bytes());
    }
    if !options.has('I') {
        output.extend(&body);
    }
    match options.value('o') {
        Some(name) => {
            if let Err(error) = io.files.write(&io.path(name), &output) {
                return failed(io, 23, &format!("Failure writing output to destination: {error}"));
            }
        }
        None => io.out_bytes(&output),
    }
    if let Some(format) = options.value('w') {
        let text = format.replace("%{http_code}", &code.to_string()).replace("%{size_download}", &body.len().to_string()).replace("\\n", "\n");
        io.out(&text);
    }
    Syscall::Exit(0)
}

fn nc(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("zvlnuw:p:e:", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.has('l') {
        return io.fail("not simulated here: listening", 1);
    }
    let [host, port] = options.operands.as_slice() else { return io.wrong_usage(None) };
    let Some(address) = addresses(io, host).first().cloned() else { return io.fail(&format!("bad address '{host}'"), 1) };
    let Ok(port) = port.parse::<u16>() else { return io.fail(&format!("bad port '{port}'"), 1) };
    match get(io, host, port, "/", "-") {
        Err(reason) if reason.starts_with("can't connect") => io.fail(&reason, 1),
        Err(reason) => io.fail(&format!("can't connect to remote host ({address}): {reason}"), 1),
        Ok(_) if options.has('z') => {
            if options.has('v') {
                io.err(&format!("{host} ({address}:{port}) open\n"));
            }
            Syscall::Exit(0)
        }
        Ok((code, body)) => {
            let Some(bytes) = io.read_all() else { return Syscall::Read };
            if bytes.starts_with(b"GET") {
                let head = format!("HTTP/1.1 {code} {}\r\nContent-Length: {}\r\n\r\n", reason_phrase(code), body.len());
                io.out(&head);
                io.out_bytes(&body);
            }
            Syscall::Exit(0)
        }
    }
}

/// The machine's own address: the one of its name in /etc/hosts.
fn own_address(io: &Io<'_, '_>) -> String {
    let name = host_name(io);
    addresses(io, &name).first().cloned().unwrap_or_else(|| "127.0.0.1".to_owned())
}

fn ip(io: &mut Io<'_, '_>) -> Syscall {
    let address = own_address(io);
    let subnet = address.rsplit_once('.').map_or("10.244.0", |(subnet, _)| subnet).to_owned();
    let words: Vec<String> = io.arguments().iter().filter(|word| !word.starts_with('-')).cloned().collect();
    let word = words.first().map_or("", String::as_str);
    let text = match word {
        _ if !word.is_empty() && "address".starts_with(word) => format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue \n    link/ether 0a:58:0a:f4:00:01 brd ff:ff:ff:ff:ff:ff\n    inet {address}/24 brd {subnet}.255 scope global eth0\n       valid_lft forever preferred_lft forever\n"
        ),
        _ if !word.is_empty() && "route".starts_with(word) => {
            format!("default via {subnet}.1 dev eth0 \n{subnet}.0/24 dev eth0 scope link  src {address} \n")
        }
        "" => return io.wrong_usage(None),
        _ => return io.fail(&format!("not simulated here: ip {word}"), 1),
    };
    io.out(&text);
    Syscall::Exit(0)
}

fn ifconfig(io: &mut Io<'_, '_>) -> Syscall {
    let address = own_address(io);
    let subnet = address.rsplit_once('.').map_or("10.244.0", |(subnet, _)| subnet).to_owned();
    io.out(&format!(
        "eth0      Link encap:Ethernet  HWaddr 0A:58:0A:F4:00:01  \n          inet addr:{address}  Bcast:{subnet}.255  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n"
    ));
    Syscall::Exit(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart() {
        let check = |url: &str, host: &str, port: u16, path: &str| {
            let (_, found, number, rest) = url_parts(url);
            assert_eq!((found.as_str(), number, rest.as_str()), (host, port, path), "{url}");
        };
        check("http://web:8080/a/b", "web", 8080, "/a/b");
        check("web", "web", 80, "/");
        check("https://x.y/?q=1", "x.y", 443, "/?q=1");
    }
}
