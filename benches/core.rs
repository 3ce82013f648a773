//! How fast the core is: clusters that settle, and tables that are printed. `make bench`; the README shows the figures and their aims.

mod clusters;

use clusters::{PODS_A_NODE, SEED, cluster, create, running, set};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use statelab::control::flavour;
use statelab::playground::session::Session;
use statelab::values::clock::Duration;
use statelab::values::object::Object;
use statelab::world::{ClusterId, World};
use std::hint::black_box;
use std::time::Duration as Span;

fn bound(world: &World) -> usize {
    world.view(&ClusterId::default()).api.list("PersistentVolumeClaim", None).filter(|claim| claim.str(&["status", "phase"]) == "Bound").count()
}

fn volumes_and_claims(count: usize) -> String {
    (0..count)
        .map(|index| {
            format!(
                "apiVersion: v1
kind: PersistentVolume
metadata: {{name: volume-{index}}}
spec:
  capacity: {{storage: {size}Mi}}
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  hostPath: {{path: /data/{index}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: claim-{index}}}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  resources: {{requests: {{storage: {size}Mi}}}}
---
",
                size = index + 1
            )
        })
        .collect()
}

fn settle(criterion: &mut Criterion) {
    let limit = Duration::seconds(600);

    let mut nginx = cluster(3);
    create(&mut nginx, include_str!("../examples/scenarios/nginx-statefulset.yaml"));
    criterion.bench_function("settle of the nginx StatefulSet", |bencher| {
        bencher.iter_batched(
            || nginx.clone(),
            |mut cluster| {
                cluster.settle(limit);
                assert_eq!(running(&cluster), 3);
                cluster
            },
            BatchSize::SmallInput,
        );
    });

    let mut claims = cluster(1);
    create(&mut claims, &volumes_and_claims(1000));
    criterion.bench_function("1,000 claims bound", |bencher| {
        bencher.iter_batched(
            || claims.clone(),
            |mut cluster| {
                cluster.settle(limit);
                assert_eq!(bound(&cluster), 1000);
                cluster
            },
            BatchSize::PerIteration,
        );
    });

    let mut pods = cluster(1000_usize.div_ceil(PODS_A_NODE) + 1);
    create(&mut pods, &set(1000));
    criterion.bench_function("1,000 pods of a StatefulSet with claims Running", |bencher| {
        bencher.iter_batched(
            || pods.clone(),
            |mut cluster| {
                cluster.settle(limit);
                assert_eq!(running(&cluster), 1000);
                cluster
            },
            BatchSize::PerIteration,
        );
    });
}

/// Ten thousand pods with the status of running ones, and no controller that works on them.
fn many_pods() -> Session {
    let mut session = Session::new(flavour::by_name("playground").expect("the flavour is there"), 3, SEED);
    session.run_setup("kubectl run web --image=nginx");
    session.world.settle(Duration::seconds(60));
    let model = session.cluster().api.list("Pod", Some("default")).next().expect("the pod is there").clone();
    for index in 0..10_000 {
        let mut pod = Object::clone(&model);
        pod.set(&["metadata", "name"], format!("web-{index}").into());
        session.world.connect(&ClusterId::default()).api.restore(pod);
    }
    // The controllers look at them before the clock runs.
    session.world.settle(Duration::seconds(60));
    session
}

fn tables(criterion: &mut Criterion) {
    let session = many_pods();
    criterion
        .bench_function("kubectl get pods -o wide of 10,000", |bencher| bencher.iter(|| black_box(session.run_quietly("kubectl get pods -o wide"))));
    criterion.bench_function("an undo point of 10,000 pods", |bencher| bencher.iter(|| black_box(session.clone())));
}

criterion_group! {
    name = core;
    config = Criterion::default().sample_size(20).measurement_time(Span::from_secs(5)).warm_up_time(Span::from_secs(1));
    targets = settle, tables
}
criterion_main!(core);
