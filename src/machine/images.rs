//! Simulated images: files, entrypoint, shell dialect, what a container of it does and writes.
//!
//! One row an image. A name is matched without registry and tag, so `registry.k8s.io/nginx-slim:0.21` is `nginx-slim`.

use super::shell::{Dialect, Profile};

/// What a container of an image runs when the pod names no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A server that runs until it is told to end, and then ends at once.
    Server,
    /// A command that a shell or program runs.
    Command(&'static [&'static str]),
}

/// An image that the nodes can pull.
#[derive(Debug, PartialEq)]
pub struct Image {
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
    /// What its server prints when it starts.
    pub banner: &'static str,
}

const ASH: Profile = Profile { dialect: Dialect::BusyboxAsh, calls: &[], without: &["sudo"], old_nslookup: false };
const BASH: Profile = Profile { dialect: Dialect::Bash, without: &["busybox", "sudo"], ..ASH };

const BASE: Image =
    Image { name: "", size: 4_261_574, entry: Entry::Command(&["sh"]), profile: ASH, files: &[], writes: &[], needs: None, serves: None, banner: "" };

const INDEX_HTML: &str =
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n";
const NGINX_BANNER: &str = "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration\n/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/\n/docker-entrypoint.sh: Configuration complete; ready for start up\n";
const MYSQL_NEEDS: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n";

/// Every image, sorted by name.
pub const IMAGES: &[Image] = &[
    Image { name: "alpine", size: 3_653_068, ..BASE },
    Image { name: "busybox", size: 2_156_519, ..BASE },
    Image { name: "debian", size: 48_493_376, entry: Entry::Command(&["bash"]), profile: BASH, ..BASE },
    Image { name: "debian-base", size: 30_721_474, entry: Entry::Command(&["bash"]), profile: BASH, ..BASE },
    Image {
        name: "httpd",
        size: 45_112_021,
        entry: Entry::Server,
        profile: BASH,
        files: &[("/usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n")],
        serves: Some("/usr/local/apache2/htdocs"),
        ..BASE
    },
    Image {
        name: "mongo",
        size: 277_120_453,
        entry: Entry::Server,
        profile: BASH,
        files: &[("/data/db/.keep", "")],
        writes: &[("/data/db/WiredTiger", "WiredTiger\n"), ("/data/db/mongod.lock", "1\n"), ("/data/db/storage.bson", "wiredTiger\n")],
        ..BASE
    },
    Image {
        name: "mysql",
        size: 233_711_829,
        entry: Entry::Server,
        profile: BASH,
        files: &[("/var/lib/mysql-files/.keep", "")],
        writes: &[
            ("/var/lib/mysql/auto.cnf", "[auto]\n"),
            ("/var/lib/mysql/ibdata1", "innodb\n"),
            ("/var/lib/mysql/mysql.ibd", "mysql\n"),
            ("/var/lib/mysql/$(MYSQL_DATABASE)/", ""),
        ],
        needs: Some((&["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"], MYSQL_NEEDS)),
        ..BASE
    },
    Image {
        name: "nginx",
        size: 59_774_010,
        entry: Entry::Server,
        profile: BASH,
        files: &[("/usr/share/nginx/html/index.html", INDEX_HTML), ("/etc/nginx/nginx.conf", "user  nginx;\n")],
        serves: Some("/usr/share/nginx/html"),
        banner: NGINX_BANNER,
        ..BASE
    },
    Image {
        name: "nginx-slim",
        size: 59_774_010,
        entry: Entry::Server,
        profile: BASH,
        files: &[("/usr/share/nginx/html/index.html", INDEX_HTML), ("/etc/nginx/nginx.conf", "user  nginx;\n")],
        serves: Some("/usr/share/nginx/html"),
        ..BASE
    },
    Image { name: "pause", size: 320_448, entry: Entry::Server, profile: Profile { without: &["sh", "sudo"], ..ASH }, ..BASE },
    Image {
        name: "postgres",
        size: 157_000_000,
        entry: Entry::Server,
        profile: BASH,
        writes: &[("/var/lib/postgresql/data/PG_VERSION", "16\n")],
        needs: Some((
            &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"],
            "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n",
        )),
        ..BASE
    },
    Image { name: "redis", size: 52_000_000, entry: Entry::Server, profile: BASH, files: &[("/data/.keep", "")], ..BASE },
    Image { name: "ubuntu", size: 29_700_000, entry: Entry::Command(&["bash"]), profile: BASH, ..BASE },
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

/// The row behind an image's name; `None`: no registry has it.
pub fn find(image: &str) -> Option<&'static Image> {
    let (path, tag) = split_tag(image);
    let name = path.rsplit('/').next().unwrap_or(path);
    let known_tag = tag.chars().next().is_some_and(|c| c.is_ascii_digit())
        || tag == "latest"
        || ["alpine", "stable", "slim", "glibc", "musl", "uclibc", "jammy", "noble", "bookworm", "mainline", "lts"]
            .iter()
            .any(|known| tag.contains(known));
    IMAGES.binary_search_by(|image| image.name.cmp(name)).ok().map(|index| &IMAGES[index]).filter(|_| known_tag)
}

const ALPINE_RELEASE: &str = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n";
const DEBIAN_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
const UBUNTU_RELEASE: &str = "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n";

/// /etc/os-release of an image; empty: it has none.
pub fn os_release(image: &Image) -> &'static str {
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
    let mut profile = find(image).map_or(ASH, |image| image.profile);
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
        assert!(find("nginx:no-such-tag").is_none() && find("nothing").is_none());
    }
}
