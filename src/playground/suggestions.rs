//! Commands to try first: they name what the cluster has.

use crate::control::cluster::Cluster;
use crate::values::object::Object;

/// What a command that scales adds to the replicas.
const MORE_REPLICAS: i64 = 2;

/// One row a suggestion: the kind that it needs an object of, which of them (the first is number 0; where there are fewer, the last),
/// and the command.
type Row = (&'static str, usize, fn(&Object) -> String);
const ROWS: [Row; 4] = [
    ("PersistentVolumeClaim", 0, |claim| format!("kubectl describe pvc {}", claim.name())),
    ("Pod", 1, |pod| format!("kubectl delete pod {}", pod.name())),
    ("StatefulSet", 0, |set| format!("kubectl scale sts {} --replicas={}", set.name(), replicas(set))),
    ("Deployment", 0, |deployment| format!("kubectl scale deploy {} --replicas={}", deployment.name(), replicas(deployment))),
];
/// What an empty cluster offers.
const EMPTY: [&str; 2] = ["kubectl get nodes", "kubectl create deployment web --image=nginx"];

fn replicas(workload: &Object) -> i64 {
    workload.0["spec"]["replicas"].as_i64().unwrap_or(1) + MORE_REPLICAS
}

/// The commands to try first in a cluster as it is now.
pub fn of(cluster: &Cluster) -> Vec<String> {
    let mut found = vec!["kubectl get pods,pvc".to_owned()];
    for (kind, place, command) in ROWS {
        let some = cluster.api.list(kind, Some("default")).take(place + 1).last();
        found.extend(some.map(|object| command(object)));
    }
    if found.len() == 1 {
        return EMPTY.iter().map(|command| (*command).to_owned()).collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::flavour::FLAVOURS;
    use crate::playground::session::Session;
    use crate::values::clock::Duration;

    #[test]
    fn suggestions_name_what_is_there() {
        let mut session = Session::new(&FLAVOURS[0], 3, 1);
        assert_eq!(of(session.cluster()), EMPTY);
        session.write_file("web.yaml", include_str!("../../examples/scenarios/nginx-statefulset.yaml"));
        session.run_setup("kubectl apply -f web.yaml");
        session.world.settle(Duration::seconds(300));
        let wanted = ["kubectl get pods,pvc", "kubectl describe pvc www-web-0", "kubectl delete pod web-1", "kubectl scale sts web --replicas=5"];
        assert_eq!(of(session.cluster()), wanted);
        session.run_setup("kubectl delete statefulset,pod,pvc --all");
        session.run_setup("kubectl create deployment one --image=nginx");
        assert!(of(session.cluster()).contains(&"kubectl scale deploy one --replicas=3".to_owned()));
    }
}
