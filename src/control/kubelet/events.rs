//! In whose name the kubelet tells what happens to pods and containers.

use crate::apiserver::events::EventSource;
use crate::values::object::Object;

/// The kubelet of a pod's node; of a container, the list that it stands in and its name.
pub fn source(pod: &Object, container: Option<(&str, &str)>) -> EventSource {
    let field_path = container.map_or(String::new(), |(list, name)| format!("spec.{list}{{{name}}}"));
    EventSource { component: "kubelet".to_owned(), host: pod.str(&["spec", "nodeName"]).to_owned(), field_path }
}
