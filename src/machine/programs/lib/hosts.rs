//! Names of hosts.

use crate::machine::programs::lib::io::Io;

/// The addresses of a host, from /etc/hosts, the resolver, or the text itself.
pub fn addresses(io: &Io<'_, '_>, host: &str) -> Vec<String> {
    if is_address(host) {
        return vec![host.to_owned()];
    }
    let hosts = String::from_utf8_lossy(&io.files.read("/etc/hosts").unwrap_or_default()).into_owned();
    let listed: Vec<String> = hosts
        .lines()
        .map(|line| line.split('#').next().unwrap_or("").split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.iter().skip(1).any(|word| *word == host) && is_address(words[0]))
        .map(|words| words[0].to_owned())
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    if host == "localhost" {
        return vec!["127.0.0.1".to_owned()];
    }
    io.network.lookup(host).unwrap_or_default()
}

/// The kernel of every machine.
pub const KERNEL: &str = "6.1.0-40-amd64";

pub fn is_address(text: &str) -> bool {
    text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok())
}

/// The machine's name: what its owner wrote to /etc/hostname.
pub fn host_name(io: &Io<'_, '_>) -> String {
    let file = io.files.read("/etc/hostname").ok().map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    file.filter(|name| !name.is_empty()).or_else(|| io.environment.get("HOSTNAME").cloned()).unwrap_or_else(|| "localhost".to_owned())
}
