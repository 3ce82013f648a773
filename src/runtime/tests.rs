use super::*;
use crate::machine::kernel::NoNetwork;
use crate::machine::vfs::{Mount, User};
use crate::values::clock::Duration;

struct NoNetworks;

impl Networks for NoNetworks {
    fn with_network(&self, _: &Runtimes, _: RuntimeId, _: &ContainerId, act: &mut dyn FnMut(&mut dyn Network)) -> Vec<Served> {
        act(&mut NoNetwork);
        Vec::new()
    }
}

/// Two machines, of which the second is to be a container of the first.
struct Bench {
    runtimes: Runtimes,
    disks: Disks,
    outer: RuntimeId,
    inner: RuntimeId,
    now: Instant,
}

impl Bench {
    fn new() -> Bench {
        let mut runtimes = Runtimes::default();
        let (outer, inner) = (runtimes.add(Runtime::new("outer")), runtimes.add(Runtime::new("inner")));
        for runtime in [outer, inner] {
            assert!(runtimes.pull(runtime, "busybox").is_ok());
        }
        Bench { runtimes, disks: Disks::default(), outer, inner, now: Instant(1_800_000_000_000) }
    }

    fn start(&mut self, runtime: RuntimeId, name: &str, command: &[&str], mounts: Vec<Mount>) -> ContainerId {
        let id = ContainerId { sandbox: "box".into(), name: name.into(), attempt: 0 };
        let spec = Spec {
            image: "busybox".to_owned(),
            profile: images::profile("busybox"),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            args: Vec::new(),
            environment: vec![("PATH".to_owned(), "/bin".to_owned())],
            working_directory: "/".to_owned(),
            user: User::default(),
            terminal: false,
            stdin: false,
            read_only_root: false,
            mounts,
            files: vec![("/etc/hostname", "box\n".to_owned())],
        };
        assert!(self.runtimes.create(&mut self.disks, runtime, id.clone(), "0".repeat(64), spec, self.now));
        self.runtimes.start(&mut self.disks, runtime, &id, self.now);
        id
    }

    fn run(&mut self, seconds: u64) -> Vec<Event> {
        let end = self.now + Duration::seconds(seconds);
        let mut events = Vec::new();
        while let Some(due) = self.runtimes.next_wake().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            events.extend(self.runtimes.run_due(&mut self.disks, &NoNetworks, self.now));
        }
        self.now = end;
        events
    }

    fn log(&self, runtime: RuntimeId, id: &ContainerId) -> String {
        self.runtimes.container(runtime, id).map_or_else(String::new, |container| container.log.since(0).map(|line| line.text).collect())
    }
}

#[test]
fn a_container_runs_ends_and_keeps_its_log_until_it_is_removed() {
    let mut bench = Bench::new();
    let id = bench.start(bench.outer, "main", &["sh", "-c", "echo begun; cat /etc/hostname; sleep 5; echo over > /end; exit 3"], Vec::new());
    assert_eq!(bench.run(2), []);
    assert_eq!(bench.log(bench.outer, &id), "begun\nbox\n");
    assert_eq!(bench.run(10), [Event::Exited(bench.outer, id.clone())]);
    let container = bench.runtimes.container(bench.outer, &id).unwrap();
    assert_eq!(container.exit().map(|exit| (exit.code, exit.reason)), Some((3, "Error")));
    let disk = container.disk.clone();
    let layer = MountTable::root(&disk);
    assert_eq!(View::new(&mut bench.disks, &layer, bench.now).read("/end").as_deref(), Ok(&b"over\n"[..]));
    bench.runtimes.prune(&mut bench.disks, bench.outer, &id);
    assert!(bench.disks.get(&disk).is_none() && bench.log(bench.outer, &id).starts_with("begun"));
    bench.runtimes.remove(&mut bench.disks, bench.outer, &id);
    assert!(bench.runtimes.container(bench.outer, &id).is_none());
}

#[test]
fn what_one_container_writes_no_other_sees() {
    let mut bench = Bench::new();
    let one = bench.start(bench.outer, "one", &["sh", "-c", "rm /etc/passwd; sleep 100"], Vec::new());
    bench.run(1);
    let two = bench.start(bench.inner, "two", &["ls", "/etc/passwd"], Vec::new());
    bench.run(1);
    let argv = ["ls".to_owned(), "/etc/passwd".to_owned()];
    let listed = bench.runtimes.exec_sync(&mut bench.disks, &NoNetworks, (bench.outer, &one), &argv, bench.now);
    assert_eq!(listed, Some(ExecSync::Exited(1, b"ls: /etc/passwd: No such file or directory\n".to_vec())));
    assert_eq!(bench.log(bench.inner, &two), "/etc/passwd\n");
}

#[test]
fn a_paused_container_stands_still() {
    let mut bench = Bench::new();
    let id = bench.start(bench.outer, "main", &["sh", "-c", "while true; do echo tick; sleep 1; done"], Vec::new());
    bench.run(3);
    bench.runtimes.pause(bench.outer, &id);
    let before = bench.log(bench.outer, &id);
    bench.run(10);
    assert_eq!(bench.log(bench.outer, &id), before);
    bench.runtimes.resume(bench.outer, &id, bench.now);
    bench.run(2);
    assert!(bench.log(bench.outer, &id).len() > before.len());
}

#[test]
fn what_runs_in_a_machine_ends_with_the_container_that_it_is() {
    let mut bench = Bench::new();
    let node = bench.start(bench.outer, "node", &["sleep", "1000"], Vec::new());
    if let Some(machine) = bench.runtimes.get_mut(bench.inner) {
        machine.inside = Some((bench.outer, node.clone()));
    }
    let id = bench.start(bench.inner, "main", &["sleep", "1000"], Vec::new());
    bench.run(1);
    assert!(bench.runtimes.container(bench.inner, &id).is_some_and(|container| container.is_running()));
    bench.runtimes.signal(bench.outer, &node, Signal::Kill, bench.now);
    assert_eq!(bench.runtimes.container(bench.inner, &id).and_then(|container| container.exit()).map(|exit| exit.code), Some(137));
}

#[test]
fn a_folder_is_not_mounted_on_a_file() {
    let mut bench = Bench::new();
    bench.disks.insert("outer".into(), crate::machine::vfs::FileSystem::new(bench.now));
    let mount = Mount { target: "/etc/passwd".into(), disk: "outer".into(), source: "/".into(), read_only: false };
    let id = bench.start(bench.outer, "main", &["sleep", "1000"], vec![mount]);
    let exit = bench.runtimes.container(bench.outer, &id).and_then(|container| container.exit()).cloned().unwrap();
    assert_eq!((exit.code, exit.reason), (128, "StartError"));
    assert!(exit.message.ends_with("not a directory"), "{}", exit.message);
}
