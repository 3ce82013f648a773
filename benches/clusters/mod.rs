//! The clusters that benches settle, each in a world of its own.

use statelab::apiserver::WriteOptions;
use statelab::control::flavour;
use statelab::values::object::Object;
use statelab::values::yaml;
use statelab::world::{ClusterId, World};

pub const SEED: u64 = 1;
/// A node takes at most this many pods.
pub const PODS_A_NODE: usize = 110;

pub fn cluster(nodes: usize) -> World {
    World::new(flavour::by_name("playground").expect("the flavour is there"), nodes, SEED)
}

pub fn create(world: &mut World, manifests: &str) {
    let (documents, mistakes) = yaml::parse(manifests);
    assert_eq!(mistakes, []);
    for document in documents {
        let mut object = Object(document.value);
        let namespaced = !["PersistentVolume", "StorageClass"].contains(&object.kind());
        if namespaced {
            object.set(&["metadata", "namespace"], "default".into());
        }
        world.connect(&ClusterId::default()).api.create(object, &mut WriteOptions::default()).expect("the manifest is valid");
    }
}

pub fn running(world: &World) -> usize {
    world.view(&ClusterId::default()).api.list("Pod", Some("default")).filter(|pod| pod.str(&["status", "phase"]) == "Running").count()
}

/// A Parallel StatefulSet with a claim for each pod.
pub fn set(replicas: usize) -> String {
    format!(
        "apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: web
  replicas: {replicas}
  podManagementPolicy: Parallel
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: nginx
        volumeMounts: [{{name: data, mountPath: /data}}]
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {{requests: {{storage: 1Mi}}}}
"
    )
}
