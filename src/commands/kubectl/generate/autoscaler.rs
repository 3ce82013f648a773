//! autoscale: an autoscaler, which is not simulated. Models kubectl/pkg/cmd/autoscale.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Object, Value, json};
use crate::values::quantity::Quantity;

/// `--cpu=80%` or `--memory=1Gi`: a metric of the autoscaler.
fn metric(resource: &str, text: &str) -> Result<Value, Failure> {
    let target = match text.strip_suffix('%') {
        Some(percent) => {
            let percent: i32 = percent.parse().map_err(|_| Failure::plain(format!("invalid percentage value: {text}")))?;
            json!({"averageUtilization": percent, "type": "Utilization"})
        }
        None => {
            let amount = Quantity::parse(text).map_err(|_| Failure::plain(format!("invalid resource {resource} value: {text}")))?;
            json!({"averageValue": amount.to_string(), "type": "AverageValue"})
        }
    };
    Ok(json!({"resource": {"name": resource, "target": target}, "type": "Resource"}))
}

/// `autoscale TYPE NAME --max=5 --cpu=80%`.
pub fn autoscale(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (min, max) = (invocation.args.int("min").unwrap_or(-1), invocation.args.int("max").unwrap_or(-1));
    if max < 1 {
        return Err(Failure::plain(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Failure::plain(format!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}")));
    }
    let mut metrics = Vec::new();
    if let Some(percent) = invocation.args.int("cpu-percent").filter(|percent| *percent > 0) {
        metrics.push(metric("cpu", &format!("{percent}%"))?);
    }
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        let def = kinds::def(object.kind());
        if !["Deployment", "ReplicaSet", "StatefulSet"].contains(&def.kind) {
            let version = if def.group.is_empty() { format!("/{}", def.version) } else { def.api_version() };
            return Err(Failure::plain(format!(
                "cannot autoscale a {}: could not find scale subresource for {version}, Resource={} in discovery information",
                def.kind, def.plural
            )));
        }
        for resource in ["cpu", "memory"] {
            let text = invocation.args.text(resource);
            if !text.is_empty() {
                metrics.push(metric(resource, text)?);
            }
        }
        if dry_run == DryRun::None {
            // It is answered, with a remark: nothing measures here, so nothing would ever be scaled.
            invocation.output.notes.push("not simulated here: HorizontalPodAutoscaler".to_owned());
        }
        let name = invocation.args.value("name").filter(|name| !name.is_empty()).unwrap_or(object.name()).to_owned();
        let target = json!({"apiVersion": def.api_version(), "kind": def.kind, "name": object.name()});
        let mut scaler = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
            "spec": {"maxReplicas": max, "scaleTargetRef": target}, "status": {"currentMetrics": null, "desiredReplicas": 0},
        });
        if min > 0 {
            scaler["spec"]["minReplicas"] = json!(min);
        }
        if !metrics.is_empty() {
            scaler["spec"]["metrics"] = json!(metrics);
        }
        invocation.report(&Object(scaler), if dry_run == DryRun::Client { "created" } else { "autoscaled" }, dry_run)?;
    }
    Ok(None)
}
