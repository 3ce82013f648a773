//! How time and memory grow with the number of pods: `make bench`. Each size runs in a process of its own, whose peak of memory is told.

mod clusters;

use clusters::{PODS_A_NODE, cluster, create, running, set};
use statelab::values::clock::Duration;
use std::process::Command;
use std::time::Instant;

const SIZES: [usize; 3] = [100, 1000, 10_000];

/// A kind of work by name, and its manifests for so many pods.
type Workload = (&'static str, fn(usize) -> String);

const WORKLOADS: [Workload; 2] = [("StatefulSet with claims", set), ("Deployment", deployment)];

/// A Deployment.
fn deployment(replicas: usize) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: nginx
"
    )
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "run").skip(1);
    if let (Some(workload), Some(size)) = (arguments.next(), arguments.next()) {
        return run(&workload, size.parse().expect("a size"));
    }
    println!("{:<24} {:>7} {:>9} {:>7} {:>8}", "", "pods", "time", "growth", "memory");
    for (workload, _) in WORKLOADS {
        let mut before = None;
        for size in SIZES {
            let (time, memory) = measured(workload, size);
            let growth = before.map_or(String::new(), |before: f64| format!("x {:.1}", time / before));
            println!("{workload:<24} {size:>7} {:>6.0} ms {growth:>7} {memory:>5.0} MB", time * 1000.0);
            before = Some(time);
        }
    }
}

/// The least time of some runs, in seconds, and the memory, in megabytes.
fn measured(workload: &str, size: usize) -> (f64, f64) {
    let rounds = if size < 5000 { 5 } else { 1 };
    let own = std::env::current_exe().expect("this program has a path");
    let runs = (0..rounds).map(|_| {
        let output = Command::new(&own).args(["run", workload, &size.to_string()]).output().expect("this program runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
        (numbers.next().expect("a time"), numbers.next().expect("a peak"))
    });
    runs.fold((f64::INFINITY, 0.0), |(least, most), (time, memory)| (least.min(time), f64::max(most, memory)))
}

/// Prints the seconds until all pods run, and the megabytes that this took.
fn run(workload: &str, size: usize) {
    let (_, manifest) = WORKLOADS.iter().find(|(name, _)| *name == workload).expect("a workload");
    let mut cluster = cluster(size.div_ceil(PODS_A_NODE) + 1);
    create(&mut cluster, &manifest(size));
    let began = Instant::now();
    cluster.settle(Duration::seconds(600));
    let took = began.elapsed().as_secs_f64();
    assert_eq!(running(&cluster), size);
    // What the kernel tells of this process; elsewhere than on Linux no number.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|line| line.trim().strip_suffix(" kB"));
    println!("{took} {}", peak.and_then(|peak| peak.trim().parse::<f64>().ok()).unwrap_or(0.0) / 1000.0);
}
