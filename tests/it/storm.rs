//! A storm: hundreds of random commands against one cluster, and what must hold of it after each of them.

use statelab::control::cluster::Cluster;
use statelab::control::flavour;
use statelab::machine::vfs::{MountTable, ReadView};
use statelab::playground::session::Session;
use statelab::values::clock::Duration;
use statelab::values::object::{Object, ObjectKey, Value};
use statelab::values::rng::Rng;
use statelab::world::{ClusterId, World};
use std::collections::BTreeMap;
use std::rc::Rc;

const NODES: u64 = 3;
const SEEDS: u64 = 4;
/// A cluster that nobody touches has come to rest after this long.
const LIMIT: Duration = Duration::seconds(3600);
/// What waits for the next resync of its controller has been looked at after this long.
const RESYNC: Duration = Duration::seconds(32);
/// How long after its grace period a pod on a node that works may still be there.
const LATE: Duration = Duration::seconds(30);

fn pick<'a>(chance: &mut Rng, from: &[&'a str]) -> &'a str {
    from[chance.below(from.len() as u64) as usize]
}

fn number(chance: &mut Rng, below: u64) -> u64 {
    chance.below(below)
}

/// One kind of command; it draws what it needs and may name what is not there.
type Gust = fn(&mut Rng) -> String;

/// What the storm does, each as often as it stands here.
const GUSTS: &[Gust] = &[
    volume,
    volume,
    claim,
    claim,
    pod,
    pod,
    pod,
    set,
    deployment,
    write,
    write,
    write,
    write,
    delete,
    delete,
    delete,
    |chance| format!("kubectl delete pod web-{} --now --wait=false", number(chance, 3)),
    |chance| format!("kubectl delete pod p{} --force --grace-period=0", number(chance, 4)),
    |chance| format!("kubectl scale statefulset web --replicas={}", number(chance, 4)),
    |chance| format!("kubectl scale deployment app --replicas={}", number(chance, 3)),
    |chance| format!("kubectl patch pv v{} -p '{{\"spec\":{{\"claimRef\":null}}}}'", number(chance, 5)),
    |chance| {
        let policy = pick(chance, &["Retain", "Delete"]);
        format!("kubectl patch pv v{} -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"{policy}\"}}}}'", number(chance, 5))
    },
    |chance| format!("kubectl label pod p{} step={} --overwrite", number(chance, 4), number(chance, 100)),
    |chance| format!("kubectl patch pod web-{} --type=json -p '[{{\"op\":\"remove\",\"path\":\"/metadata/labels/app\"}}]'", number(chance, 3)),
    |chance| format!("kubectl set image statefulset/web c=busybox:1.{}", number(chance, 2) + 35),
    |chance| format!("ssh node-{} systemctl stop kubelet", number(chance, NODES) + 1),
    |chance| format!("ssh node-{} systemctl start kubelet", number(chance, NODES) + 1),
    |chance| format!("ssh node-{} systemctl start kubelet", number(chance, NODES) + 1),
    |chance| format!("kubectl cordon node-{}", number(chance, NODES) + 1),
    |chance| format!("kubectl uncordon node-{}", number(chance, NODES) + 1),
    |chance| format!("sleep {}", number(chance, 400)),
];

fn apply(manifest: &str) -> String {
    format!("kubectl apply -f - <<'END'\n{manifest}\nEND")
}

fn volume(chance: &mut Rng) -> String {
    let (name, size) = (number(chance, 5), number(chance, 3) + 1);
    let (policy, modes) = (pick(chance, &["Retain", "Retain", "Delete"]), pick(chance, &["ReadWriteOnce", "ReadWriteOnce, ReadWriteMany"]));
    apply(&format!(
        "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: v{name}}}, spec: {{capacity: {{storage: {size}Mi}}, accessModes: [{modes}], \
         persistentVolumeReclaimPolicy: {policy}, storageClassName: manual, hostPath: {{path: /srv/v{name}}}}}}}"
    ))
}

fn claim(chance: &mut Rng) -> String {
    let (name, size) = (number(chance, 5), number(chance, 3) + 1);
    let class = pick(chance, &["storageClassName: manual, ", "storageClassName: manual, ", "", "storageClassName: '', "]);
    apply(&format!(
        "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: c{name}}}, spec: {{{class}accessModes: [ReadWriteOnce], \
         resources: {{requests: {{storage: {size}Mi}}}}}}}}"
    ))
}

const CONTAINERS: &str = "containers: [{name: c, image: busybox, command: [sleep, '86400'], volumeMounts: [{name: d, mountPath: /d}]}]";

fn pod(chance: &mut Rng) -> String {
    let (name, claim, grace) = (number(chance, 4), number(chance, 5), number(chance, 3));
    apply(&format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: p{name}}}, spec: {{terminationGracePeriodSeconds: {grace}, {CONTAINERS}, \
         volumes: [{{name: d, persistentVolumeClaim: {{claimName: c{claim}}}}}]}}}}"
    ))
}

fn set(chance: &mut Rng) -> String {
    let (replicas, policy) = (number(chance, 4), pick(chance, &["OrderedReady", "Parallel"]));
    apply(&format!(
        "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: web}}, spec: {{serviceName: web, replicas: {replicas}, \
         podManagementPolicy: {policy}, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, \
         spec: {{terminationGracePeriodSeconds: 1, {CONTAINERS}}}}}, volumeClaimTemplates: [{{metadata: {{name: d}}, \
         spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Mi}}}}}}}}]}}}}"
    ))
}

fn deployment(chance: &mut Rng) -> String {
    let (replicas, claim) = (number(chance, 3), number(chance, 5));
    apply(&format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: app}}, spec: {{replicas: {replicas}, \
         selector: {{matchLabels: {{app: app}}}}, template: {{metadata: {{labels: {{app: app}}}}, \
         spec: {{terminationGracePeriodSeconds: 1, {CONTAINERS}, volumes: [{{name: d, persistentVolumeClaim: {{claimName: c{claim}}}}}]}}}}}}}}"
    ))
}

fn delete(chance: &mut Rng) -> String {
    let cascade = pick(chance, &["background", "foreground", "orphan"]);
    let what = match number(chance, 6) {
        0 => format!("pv v{}", number(chance, 5)),
        1 => format!("pvc c{}", number(chance, 5)),
        2 => format!("pvc d-web-{}", number(chance, 3)),
        3 => format!("statefulset web --cascade={cascade}"),
        4 => format!("deployment app --cascade={cascade}"),
        _ => format!("pod p{}", number(chance, 4)),
    };
    format!("kubectl delete {what} --wait=false")
}

fn write(chance: &mut Rng) -> String {
    let pod = match number(chance, 7) {
        name @ 0..4 => format!("p{name}"),
        name => format!("web-{}", name - 4),
    };
    format!("kubectl exec {pod} -- sh -c 'echo {:016x} >> /d/log; sync; tail -n 1 /d/log'", chance.next_u64())
}

/// What was written to volumes that keep their bytes: node and folder, and the lines of the file there.
type Written = BTreeMap<(String, String), Vec<String>>;

struct Storm {
    session: Session,
    chance: Rng,
    written: Written,
}

impl Storm {
    fn new(seed: u64) -> Storm {
        let session = Session::new(flavour::by_name("playground").expect("the flavour is there"), NODES as usize, seed);
        Storm { session, chance: Rng::new(seed), written: Written::new() }
    }

    /// One command, and rest.
    fn step(&mut self) -> String {
        let gust = GUSTS[self.chance.below(GUSTS.len() as u64) as usize];
        let command = gust(&mut self.chance);
        command.lines().for_each(|line| self.session.type_line(line));
        self.session.run_to_prompt();
        let printed: Vec<u8> = self.session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
        if self.session.last_code() == 0 && command.starts_with("kubectl exec") {
            self.note_written(&command, String::from_utf8_lossy(&printed).trim());
        }
        let begin = self.session.cluster().now();
        self.session.world.settle(LIMIT);
        assert!(self.session.cluster().now() < begin + LIMIT, "{command}: the queue never empties");
        self.session.world.advance(RESYNC);
        command
    }

    fn note_written(&mut self, command: &str, line: &str) {
        let api = &self.session.cluster().api;
        let name = command.split(' ').nth(2).expect("a pod is named");
        let pod = api.get(&ObjectKey::new("Pod", "default", name)).expect("something ran in it").clone();
        let volume = pod.list(&["spec", "volumes"]).iter().find_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
        let claim = volume.and_then(|claim| api.get(&ObjectKey::new("PersistentVolumeClaim", "default", claim)).ok());
        let volume = claim.and_then(|claim| api.get(&ObjectKey::new("PersistentVolume", "", claim.str(&["spec", "volumeName"]))).ok());
        // The bytes of a static volume are nobody's to remove.
        if let Some(path) = volume.map(|volume| volume.str(&["spec", "hostPath", "path"])).filter(|path| path.starts_with("/srv/")) {
            let place = (pod.str(&["spec", "nodeName"]).to_owned(), path.to_owned());
            self.written.entry(place).or_default().push(line.to_owned());
        }
    }

    fn broken(&self) -> Vec<String> {
        let mut found = bindings(self.session.cluster());
        found.extend(pods_on_nodes(self.session.cluster()));
        found.extend(leftovers(self.session.cluster()));
        found.extend(lost_bytes(&self.session.world, &self.written));
        found
    }
}

fn list<'a>(cluster: &'a Cluster, kind: &'static str) -> impl Iterator<Item = &'a Rc<Object>> {
    cluster.api.list(kind, None)
}

/// A volume has one claim at most, and the two point at each other.
fn bindings(cluster: &Cluster) -> Vec<String> {
    let mut broken = Vec::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for claim in list(cluster, "PersistentVolumeClaim").filter(|claim| claim.str(&["status", "phase"]) == "Bound") {
        let name = claim.str(&["spec", "volumeName"]);
        if let Some(other) = taken.insert(name, claim.name()) {
            broken.push(format!("volume {name} is bound to {other} and {}", claim.name()));
        }
        match cluster.api.get(&ObjectKey::new("PersistentVolume", "", name)) {
            Ok(volume) if volume.str(&["spec", "claimRef", "uid"]) == claim.uid() => {}
            _ => broken.push(format!("claim {} is bound to {name}, which is not bound to it", claim.name())),
        }
    }
    for volume in list(cluster, "PersistentVolume").filter(|volume| volume.str(&["status", "phase"]) == "Bound") {
        let reference = |field| volume.str(&["spec", "claimRef", field]);
        match cluster.api.get(&ObjectKey::new("PersistentVolumeClaim", reference("namespace"), reference("name"))) {
            Ok(claim) if claim.str(&["spec", "volumeName"]) == volume.name() && claim.uid() == reference("uid") => {}
            _ => broken.push(format!("volume {} is bound to {}, which is not bound to it", volume.name(), reference("name"))),
        }
    }
    broken
}

fn pods_on_nodes(cluster: &Cluster) -> Vec<String> {
    let node = |pod: &Object| pod.str(&["spec", "nodeName"]).to_owned();
    let stray = |pod: &&Rc<Object>| !node(pod).is_empty() && cluster.api.get(&ObjectKey::new("Node", "", &node(pod))).is_err();
    list(cluster, "Pod").filter(stray).map(|pod| format!("pod {} is on {}, which is not there", pod.name(), node(pod))).collect()
}

/// Objects that nothing keeps any more. A pod on a node that does not answer may stay.
fn leftovers(cluster: &Cluster) -> Vec<String> {
    let late = |object: &Object| {
        let unreachable = cluster.kubelets.is_stopped(object.str(&["spec", "nodeName"]));
        let free = object.finalizers().next().is_none() && object.list(&["spec", "finalizers"]).is_empty();
        free && !unreachable && object.deletion_timestamp().is_some_and(|due| due + LATE < cluster.now())
    };
    let gone = cluster.api.store().all().filter(|(_, object)| late(object));
    gone.map(|(key, _)| format!("{} {} is still there", key.kind, key.slashed())).collect()
}

fn lost_bytes(world: &World, written: &Written) -> Vec<String> {
    let mut broken = Vec::new();
    for ((node, path), lines) in written {
        let mounts = MountTable::root(format!("node/{node}"));
        let there = ReadView::new(&world.disks, &mounts).read(&format!("{path}/log")).unwrap_or_default();
        if String::from_utf8_lossy(&there).lines().ne(lines.iter()) {
            broken.push(format!("{path} on {node} has lost bytes"));
        }
    }
    broken
}

#[test]
fn nothing_breaks_in_a_storm() {
    let mut written = 0;
    for seed in 1..=SEEDS {
        let mut storm = Storm::new(seed);
        let mut commands = Vec::new();
        for _ in 0..120 {
            commands.push(storm.step());
            let broken = storm.broken();
            assert_eq!(broken, Vec::<String>::new(), "seed {seed}, after\n{}", commands.join("\n"));
        }
        written += storm.written.len();
    }
    assert!(written > 0, "no storm wrote anything");
}

/// What says when or in which order something happened; two ways to the same state may differ in it.
const TIMES: [&str; 13] = [
    "creationTimestamp",
    "deletionTimestamp",
    "finishedAt",
    "lastHeartbeatTime",
    "lastPhaseTransitionTime",
    "lastProbeTime",
    "lastTransitionTime",
    "resourceVersion",
    "startTime",
    "startedAt",
    "timeAdded",
    "containerID",
    "renewTime",
];

fn timeless(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|field, _| !TIMES.contains(&field));
            map.values_mut().for_each(timeless);
        }
        Value::Array(items) => items.iter_mut().for_each(timeless),
        _ => {}
    }
}

/// The objects of a cluster but its events, without times and with names for uids.
fn state(cluster: &Cluster) -> Vec<String> {
    let objects = || cluster.api.store().all().filter(|(key, _)| key.kind != "Event");
    let uids: Vec<(String, String)> = objects().map(|(key, object)| (object.uid().to_owned(), format!("<{} {}>", key.kind, key.name))).collect();
    objects()
        .map(|(_, object)| {
            let mut tree = object.0.clone();
            timeless(&mut tree);
            uids.iter().fold(tree.to_string(), |text, (uid, name)| text.replace(uid.as_str(), name))
        })
        .collect()
}

#[test]
fn a_queue_made_from_the_objects_leads_to_the_same_cluster() {
    for seed in 11..=13 {
        let mut storm = Storm::new(seed);
        for _ in 0..60 {
            storm.step();
            // In the middle of something, so that there is a queue to lose.
            set(&mut storm.chance).lines().for_each(|line| storm.session.type_line(line));
            storm.session.run_to_prompt();
            let mut live = storm.session.world.clone();
            live.advance(Duration::millis(storm.chance.below(4_000)));
            let mut rebuilt = live.clone();
            rebuilt.connect(&ClusterId::default()).rebuild_queue();
            // Long enough for what waits for the next resync.
            for world in [&mut live, &mut rebuilt] {
                world.settle(LIMIT);
                world.advance(RESYNC);
            }
            let objects = |world: &World| state(world.view(&ClusterId::default()).cluster());
            let (live, rebuilt) = (objects(&live), objects(&rebuilt));
            let only = |one: &[String], other: &[String]| one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>().join("\n");
            assert_eq!(only(&live, &rebuilt), only(&rebuilt, &live), "seed {seed}");
        }
    }
}
