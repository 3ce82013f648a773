//! The network as a program sees it; what answers is its owner's.

use crate::machine::disks::Disks;

/// What a program asks of a web server.
#[derive(Clone, Copy)]
pub struct HttpGet<'a> {
    pub host: &'a str,
    pub port: u16,
    pub path: &'a str,
    /// How the program calls itself: its `User-Agent`.
    pub agent: &'a str,
}

/// What a program sees of the network; the cluster answers.
pub trait Network {
    /// The A records of a name as typed (search list applied), in the order of the answer; `None`: no such name.
    fn lookup(&self, name: &str) -> Option<Vec<String>>;
    /// The name of an address, for nslookup's second column.
    fn reverse(&self, address: &str) -> Option<String>;
    /// The name that a full name is another one for (a CNAME record).
    fn alias(&self, _name: &str) -> Option<String> {
        None
    }
    /// The SRV records of a full name: `0 100 8080 web.default.svc.cluster.local`; `None`: no such name.
    fn services(&self, _name: &str) -> Option<Vec<String>> {
        None
    }
    /// Whether a ping to the address is answered.
    fn answers_ping(&self, address: &str) -> bool;
    /// An HTTP GET: the status code and body, or the reason why nothing answers (`Connection refused`, `bad address 'x'`). The files
    /// behind it are those on `disks` now.
    /// # Errors
    /// The reason, as busybox wget words it.
    fn http_get(&mut self, disks: &Disks, request: &HttpGet<'_>) -> Result<(u16, Vec<u8>), String>;
    /// The name server's address, for nslookup's head; `None` outside a cluster.
    fn name_server(&self) -> Option<String>;
}

/// No network at all: every name is unknown.
pub struct NoNetwork;

impl Network for NoNetwork {
    fn lookup(&self, _name: &str) -> Option<Vec<String>> {
        None
    }

    fn reverse(&self, _address: &str) -> Option<String> {
        None
    }

    fn answers_ping(&self, _address: &str) -> bool {
        false
    }

    fn http_get(&mut self, _disks: &Disks, request: &HttpGet<'_>) -> Result<(u16, Vec<u8>), String> {
        Err(format!("bad address '{}'", request.host))
    }

    fn name_server(&self) -> Option<String> {
        None
    }
}
