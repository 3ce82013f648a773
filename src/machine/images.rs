//! Simulated images: files, entrypoint, shell dialect, releases, what a container of it does, writes and logs.
//!
//! One row an image. A name is matched without its registry and folder, so `registry.k8s.io/nginx-slim:0.21` is `nginx-slim`.

use super::kernel::{Dialect, HttpGet, Profile};
use super::programs::lib::dates::date_text;
use crate::values::clock::Instant;

/// What a container of an image runs when the pod names no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A server that runs until it is told to end, and then ends at once.
    Server,
    /// A command that a shell or program runs.
    Command(&'static [&'static str]),
}

/// What a registry has under one name: the tags of an image, whose files are the same in all of them.
#[derive(Debug, PartialEq)]
pub struct Repository {
    pub name: &'static str,
    /// Bytes, as `Pulled` tells.
    pub size: u64,
    pub entry: Entry,
    pub profile: Profile,
    /// Files of the image: path and content.
    pub files: &'static [(&'static str, &'static str)],
    /// What its server writes when it starts: path and content, only where the path is not there yet. A path with a variable
    /// that is not set is left out; one that ends in a slash is a folder.
    pub writes: &'static [(&'static str, &'static str)],
    /// A variable without which its server ends with an error: the name and what it prints.
    pub needs: Option<(&'static [&'static str], &'static str)>,
    /// The folder whose files it serves over HTTP.
    pub serves: Option<&'static str>,
    /// What its server prints when it starts, with date(1)'s letters, `{version}` and `{ms}`.
    pub banner: &'static str,
    /// What its server prints for each request: as `banner`, with `{client}`, `{path}`, `{code}`, `{size}` and `{agent}`.
    pub access: &'static str,
    /// Releases, newest first: all but the last number, and the last release's last number. `("1.27", 5)` is 1.27.0 to 1.27.5, with
    /// the tags `1.27` and `1`.
    pub releases: &'static [(&'static str, u32)],
    /// Tags besides `latest` and those of the releases.
    pub tags: &'static [&'static str],
    /// What may stand behind a tag and a dash.
    pub variants: &'static [&'static str],
}

const BASE: Repository = Repository {
    name: "",
    size: 4_261_574,
    entry: Entry::Command(&["sh"]),
    profile: Profile::BUSYBOX,
    files: &[],
    writes: &[],
    needs: None,
    serves: None,
    banner: "",
    access: "",
    releases: &[],
    tags: &[],
    variants: &[],
};

/// What Debian-based images may be built on.
const ON_DEBIAN: &[&str] = &["alpine", "alpine-slim", "slim", "perl", "alpine-perl", "trixie", "bookworm", "bullseye", "buster", "stretch"];

const NGINX: Repository = Repository {
    name: "nginx",
    size: 59_774_010,
    entry: Entry::Server,
    profile: Profile::DEBIAN,
    files: &[("/usr/share/nginx/html/index.html", INDEX_HTML), ("/etc/nginx/nginx.conf", "user  nginx;\n")],
    serves: Some("/usr/share/nginx/html"),
    banner: NGINX_BANNER,
    access: "{client} - - [%d/%b/%Y:%T +0000] \"GET {path} HTTP/1.1\" {code} {size} \"-\" \"{agent}\" \"-\"\n",
    releases: &[
        ("1.29", 3),
        ("1.28", 0),
        ("1.27", 5),
        ("1.26", 3),
        ("1.25", 5),
        ("1.24", 0),
        ("1.23", 4),
        ("1.22", 1),
        ("1.21", 6),
        ("1.20", 2),
        ("1.19", 10),
        ("1.18", 0),
        ("1.17", 10),
        ("1.16", 1),
        ("1.15", 12),
        ("1.14", 2),
        ("1.13", 12),
        ("1.12", 2),
        ("1.11", 13),
        ("1.10", 3),
        ("1.9", 15),
        ("1.8", 1),
        ("1.7", 12),
    ],
    tags: &["mainline", "stable", "alpine", "alpine-slim", "perl", "bookworm", "trixie"],
    variants: ON_DEBIAN,
    ..BASE
};

const NGINX_BANNER: &str = "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf
10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf
/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
%Y/%m/%d %T [notice] 1#1: using the \"epoll\" event method
%Y/%m/%d %T [notice] 1#1: nginx/{version}
%Y/%m/%d %T [notice] 1#1: start worker processes
%Y/%m/%d %T [notice] 1#1: start worker process 29
%Y/%m/%d %T [notice] 1#1: start worker process 30
";
const REDIS_BANNER: &str = "1:C %d %b %Y %T.{ms} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo
1:C %d %b %Y %T.{ms} * Redis version={version}, bits=64, commit=00000000, modified=0, pid=1, just started
1:C %d %b %Y %T.{ms} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf
1:M %d %b %Y %T.{ms} * Running mode=standalone, port=6379.
1:M %d %b %Y %T.{ms} * Server initialized
1:M %d %b %Y %T.{ms} * Ready to accept connections tcp
";
const POSTGRES_BANNER: &str = "%Y-%m-%d %T.{ms} UTC [1] LOG:  starting PostgreSQL {version} on x86_64-pc-linux-gnu, 64-bit
%Y-%m-%d %T.{ms} UTC [1] LOG:  listening on IPv4 address \"0.0.0.0\", port 5432
%Y-%m-%d %T.{ms} UTC [1] LOG:  listening on IPv6 address \"::\", port 5432
%Y-%m-%d %T.{ms} UTC [1] LOG:  listening on Unix socket \"/var/run/postgresql/.s.PGSQL.5432\"
%Y-%m-%d %T.{ms} UTC [1] LOG:  database system is ready to accept connections
";
const MYSQL_BANNER: &str = "%Y-%m-%d %T+00:00 [Note] [Entrypoint]: Entrypoint script for MySQL Server {version} started.
%Y-%m-%dT%T.{ms}000Z 0 [System] [MY-015015] [Server] MySQL Server - start.
%Y-%m-%dT%T.{ms}000Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '{version}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.
";
const HTTPD_BANNER: &str =
    "[%a %b %d %T.{ms}000 %Y] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/{version} (Unix) configured -- resuming normal operations
[%a %b %d %T.{ms}000 %Y] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'
";

const INDEX_HTML: &str =
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n";
const MYSQL_NEEDS: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n";

/// Every image, sorted by name.
pub const IMAGES: &[Repository] = &[
    Repository {
        name: "alpine",
        size: 3_653_068,
        releases: &[
            ("3.22", 2),
            ("3.21", 5),
            ("3.20", 8),
            ("3.19", 9),
            ("3.18", 12),
            ("3.17", 10),
            ("3.16", 9),
            ("3.15", 11),
            ("3.14", 10),
            ("3.13", 12),
            ("3.12", 12),
            ("3.11", 13),
            ("3.10", 9),
            ("3.9", 6),
            ("3.8", 5),
            ("3.7", 3),
            ("3.6", 5),
        ],
        tags: &["3.5", "3.4", "3.3", "3.2", "3.1", "2.7", "2.6", "edge"],
        ..BASE
    },
    Repository {
        name: "busybox",
        size: 2_156_519,
        releases: &[
            ("1.37", 0),
            ("1.36", 1),
            ("1.35", 0),
            ("1.34", 1),
            ("1.33", 1),
            ("1.32", 1),
            ("1.31", 1),
            ("1.30", 1),
            ("1.29", 3),
            ("1.28", 4),
            ("1.27", 2),
            ("1.26", 2),
            ("1.25", 1),
            ("1.24", 2),
            ("1.23", 2),
        ],
        tags: &["stable", "unstable", "glibc", "musl", "uclibc"],
        variants: &["glibc", "musl", "uclibc"],
        ..BASE
    },
    Repository {
        name: "debian",
        size: 48_493_376,
        entry: Entry::Command(&["bash"]),
        profile: Profile::DEBIAN,
        releases: &[("13", 2), ("12", 12), ("11", 11), ("10", 13), ("9", 13), ("8", 11)],
        tags: &[
            "trixie",
            "bookworm",
            "bullseye",
            "buster",
            "stretch",
            "stable",
            "oldstable",
            "testing",
            "unstable",
            "sid",
            "stable-slim",
            "testing-slim",
            "unstable-slim",
            "sid-slim",
        ],
        variants: &["slim", "backports"],
        ..BASE
    },
    Repository {
        name: "debian-base",
        size: 30_721_474,
        entry: Entry::Command(&["bash"]),
        profile: Profile::DEBIAN,
        releases: &[("bookworm-v1.0", 7), ("bullseye-v1.4", 3)],
        ..BASE
    },
    Repository {
        name: "httpd",
        size: 45_112_021,
        entry: Entry::Server,
        profile: Profile::DEBIAN,
        files: &[("/usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n")],
        serves: Some("/usr/local/apache2/htdocs"),
        banner: HTTPD_BANNER,
        access: "{client} - - [%d/%b/%Y:%T +0000] \"GET {path} HTTP/1.1\" {code} {size}\n",
        releases: &[("2.4", 65), ("2.2", 34)],
        tags: &["alpine", "bookworm", "trixie"],
        variants: ON_DEBIAN,
        ..BASE
    },
    Repository {
        name: "mongo",
        size: 277_120_453,
        entry: Entry::Server,
        profile: Profile::DEBIAN,
        files: &[("/data/db/.keep", "")],
        writes: &[("/data/db/WiredTiger", "WiredTiger\n"), ("/data/db/mongod.lock", "1\n"), ("/data/db/storage.bson", "wiredTiger\n")],
        releases: &[("8.2", 1), ("8.0", 15), ("7.0", 25), ("6.0", 26), ("5.0", 31), ("4.4", 29), ("4.2", 24), ("4.0", 28), ("3.6", 23), ("3.4", 24)],
        tags: &["jammy", "noble", "focal"],
        variants: &["jammy", "noble", "focal", "bionic", "xenial"],
        ..BASE
    },
    Repository {
        name: "mysql",
        size: 233_711_829,
        entry: Entry::Server,
        profile: Profile::DEBIAN,
        files: &[("/var/lib/mysql-files/.keep", "")],
        writes: &[
            ("/var/lib/mysql/auto.cnf", "[auto]\n"),
            ("/var/lib/mysql/ibdata1", "innodb\n"),
            ("/var/lib/mysql/mysql.ibd", "mysql\n"),
            ("/var/lib/mysql/$(MYSQL_DATABASE)/", ""),
        ],
        needs: Some((&["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"], MYSQL_NEEDS)),
        banner: MYSQL_BANNER,
        releases: &[
            ("9.5", 0),
            ("9.4", 0),
            ("9.3", 0),
            ("9.2", 0),
            ("9.1", 0),
            ("9.0", 1),
            ("8.4", 7),
            ("8.0", 44),
            ("5.7", 44),
            ("5.6", 51),
            ("5.5", 62),
        ],
        tags: &["lts", "innovation", "oracle", "debian"],
        variants: &["oracle", "oraclelinux9", "oraclelinux8", "debian"],
        ..BASE
    },
    NGINX,
    Repository { name: "nginx-slim", releases: &[("0", 27)], tags: &[], variants: &[], ..NGINX },
    Repository {
        name: "pause",
        size: 320_448,
        entry: Entry::Server,
        profile: Profile { form: None, ..Profile::BUSYBOX },
        releases: &[("3.10", 1), ("3", 10)],
        ..BASE
    },
    Repository {
        name: "postgres",
        size: 157_000_000,
        entry: Entry::Server,
        profile: Profile::DEBIAN,
        writes: &[("/var/lib/postgresql/data/PG_VERSION", "16\n")],
        needs: Some((
            &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"],
            "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n",
        )),
        banner: POSTGRES_BANNER,
        releases: &[
            ("18", 1),
            ("17", 7),
            ("16", 11),
            ("15", 15),
            ("14", 20),
            ("13", 23),
            ("12", 22),
            ("11", 22),
            ("10", 23),
            ("9.6", 24),
            ("9.5", 25),
        ],
        tags: &["alpine", "bookworm", "trixie"],
        variants: ON_DEBIAN,
        ..BASE
    },
    Repository {
        name: "redis",
        size: 52_000_000,
        entry: Entry::Server,
        profile: Profile::DEBIAN,
        files: &[("/data/.keep", "")],
        banner: REDIS_BANNER,
        releases: &[
            ("8.4", 0),
            ("8.2", 3),
            ("8.0", 5),
            ("7.4", 7),
            ("7.2", 12),
            ("7.0", 15),
            ("6.2", 21),
            ("6.0", 20),
            ("5.0", 14),
            ("4.0", 14),
            ("3.2", 12),
        ],
        tags: &["alpine", "bookworm"],
        variants: ON_DEBIAN,
        ..BASE
    },
    Repository {
        name: "ubuntu",
        size: 29_700_000,
        entry: Entry::Command(&["bash"]),
        profile: Profile::DEBIAN,
        tags: &[
            "25.10", "questing", "25.04", "plucky", "24.10", "oracular", "24.04", "noble", "22.04", "jammy", "20.04", "focal", "18.04", "bionic",
            "16.04", "xenial", "14.04", "trusty", "rolling", "devel",
        ],
        ..BASE
    },
];

/// The image's name in full: `nginx` is `docker.io/library/nginx:latest`.
pub fn full_name(image: &str) -> String {
    let (path, tag) = split_tag(image);
    let first = path.split('/').next().unwrap_or("");
    let has_registry = path.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    let path = match (has_registry, path.contains('/')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("docker.io/{path}"),
        (false, false) => format!("docker.io/library/{path}"),
    };
    format!("{path}:{tag}")
}

fn split_tag(image: &str) -> (&str, &str) {
    let name_at = image.rfind('/').map_or(0, |slash| slash + 1);
    match image[name_at..].find(':') {
        Some(colon) => (&image[..name_at + colon], &image[name_at + colon + 1..]),
        None => (image, "latest"),
    }
}

/// The row behind an image's name, whatever its tag; `None`: it is not simulated.
pub fn by_name(image: &str) -> Option<&'static Repository> {
    let (path, _) = split_tag(image);
    let name = path.split('@').next().unwrap_or(path).rsplit('/').next().unwrap_or(path);
    IMAGES.binary_search_by(|row| row.name.cmp(name)).ok().map(|index| &IMAGES[index])
}

/// The names of all images, for a sentence.
pub fn names() -> String {
    IMAGES.iter().map(|image| image.name).collect::<Vec<_>>().join(", ")
}

/// The row behind an image's name and tag; `None`: no registry has it.
pub fn find(image: &str) -> Option<&'static Repository> {
    let row = by_name(image)?;
    let by_digest = image.contains("@sha256:");
    (by_digest || row.release(split_tag(image).1).is_some()).then_some(row)
}

impl Repository {
    /// The release that a tag stands for; `None`: there is no such tag.
    fn release(&self, tag: &str) -> Option<String> {
        let newest = || self.releases.first().map_or_else(String::new, |(base, last)| format!("{base}.{last}"));
        if tag == "latest" || self.tags.contains(&tag) {
            return Some(newest());
        }
        let known = |tag: &str| {
            self.releases.iter().find_map(|(base, last)| {
                let exact = tag.strip_prefix(base).and_then(|rest| rest.strip_prefix('.')).and_then(|number| number.parse::<u32>().ok());
                let begins = base.strip_prefix(tag).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
                let number = if begins { *last } else { exact.filter(|number| number <= last)? };
                Some(format!("{base}.{number}"))
            })
        };
        known(tag).or_else(|| {
            // `alpine3.22` and the like name what the variant is built on.
            let (plain, variant) = tag.split_once('-')?;
            let variant = variant.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            if !self.variants.contains(&variant) {
                return None;
            }
            if self.tags.contains(&plain) { Some(newest()) } else { known(plain) }
        })
    }
}

fn dated(template: &str, now: Instant) -> String {
    date_text(template, now).replace("{ms}", &format!("{:03}", now.0 % 1000))
}

/// What the server of an image prints when it starts.
pub fn banner(row: &Repository, image: &str, now: Instant) -> String {
    dated(row.banner, now).replace("{version}", &row.release(split_tag(image).1).unwrap_or_default())
}

/// What the server of an image prints for a request that it answered with a code and so many bytes.
pub fn access_line(row: &Repository, now: Instant, client: &str, request: &HttpGet<'_>, answer: (u16, usize)) -> String {
    let (code, size) = (answer.0.to_string(), answer.1.to_string());
    let pairs = [("{client}", client), ("{code}", &code), ("{size}", &size), ("{agent}", request.agent), ("{path}", request.path)];
    pairs.iter().fold(dated(row.access, now), |line, (name, value)| line.replace(name, value))
}

const ALPINE_RELEASE: &str = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n";
const DEBIAN_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
const UBUNTU_RELEASE: &str = "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n";

/// /etc/os-release of an image; empty: it has none.
pub fn os_release(image: &Repository) -> &'static str {
    match (image.name, image.profile.dialect) {
        ("alpine", _) => ALPINE_RELEASE,
        ("ubuntu", _) => UBUNTU_RELEASE,
        (_, Dialect::Bash) => DEBIAN_RELEASE,
        _ => "",
    }
}

/// The profile of a container of an image: as its row says, with what depends on the tag.
pub fn profile(image: &str) -> Profile {
    let (_, tag) = split_tag(image);
    let mut profile = find(image).map_or(Profile::BUSYBOX, |image| Profile { machine: image.name, ..image.profile });
    let minor = tag.strip_prefix("1.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    profile.old_nslookup = image.contains("busybox") && minor.is_some_and(|minor| minor <= 28);
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_rows() {
        assert!(IMAGES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for (image, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("busybox:1.28", "docker.io/library/busybox:1.28"),
            ("registry.k8s.io/nginx-slim:0.21", "registry.k8s.io/nginx-slim:0.21"),
            ("bitnami/redis", "docker.io/bitnami/redis:latest"),
        ] {
            assert_eq!(full_name(image), full);
            assert!(find(image).is_some(), "{image}");
        }
        for (image, release) in [
            ("nginx", "1.29.3"),
            ("nginx:1.14.2", "1.14.2"),
            ("nginx:1.16-alpine", "1.16.1"),
            ("nginx:1.25.3-alpine3.18", "1.25.3"),
            ("nginx:stable-alpine", "1.29.3"),
            ("nginx:1", "1.29.3"),
            ("busybox:1.28", "1.28.4"),
            ("postgres:16", "16.11"),
            ("redis:7-alpine", "7.4.7"),
            ("mysql:8.0", "8.0.44"),
            ("ubuntu:24.04", ""),
            ("registry.k8s.io/pause:3.9", "3.9"),
        ] {
            let row = find(image).unwrap_or_else(|| panic!("{image}"));
            assert_eq!(row.release(split_tag(image).1).as_deref(), Some(release), "{image}");
        }
        for image in ["nginx:no-such-tag", "nginx:1.161", "nginx:1.16.9", "nginx:", "nginx:1.27-windows", "ubuntu:24", "nothing"] {
            assert!(find(image).is_none(), "{image}");
        }
        assert!(by_name("nginx:1.161").is_some() && by_name("perl").is_none());
    }
}
