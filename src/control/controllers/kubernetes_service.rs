//! The Service `kubernetes` of the api server: there again a little later when somebody deletes it.
//!
//! Models pkg/controlplane/controller/kubernetesservice.

use crate::apiserver::WriteOptions;
use crate::control::bootstrap;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::clock::Duration;
use crate::values::object::ObjectKey;
use crate::values::status::Status;

pub const CONTROLLER: Controller = Controller { name: "kubernetes-service-controller", watches: &[("Service", Keys::Itself)], sync };

/// How often the api server looks.
const PERIOD: Duration = Duration::seconds(10);

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    if *key.namespace != *"default" || *key.name != *"kubernetes" || ctx.api.get(key).is_ok() {
        return Ok(Action::AwaitChange);
    }
    let wait = Duration(PERIOD.0 - ctx.now.0 % PERIOD.0);
    if wait < PERIOD {
        return Ok(Action::RequeueAfter(wait));
    }
    ctx.api.create(bootstrap::kubernetes_service(), &mut WriteOptions::default())?;
    Ok(Action::AwaitChange)
}
