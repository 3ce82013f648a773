//! set resources. Models kubectl/pkg/cmd/set/set_resources.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::write::set::template::{Saying, containers, each, is_chosen};
use crate::values::object;
use crate::values::object::json;
use crate::values::quantity::Quantity;

/// `cpu=1,memory=1Gi`
fn read_amounts(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut amounts = Vec::new();
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let Some((name, amount)) = statement.split_once('=').filter(|(_, amount)| !amount.contains('=')) else {
            return Err(Failure::plain(format!("Invalid argument syntax {statement}, expected <resource>=<value>")));
        };
        let amount = Quantity::parse(amount).map_err(Failure::plain)?;
        amounts.push((name.to_owned(), amount.to_string()));
    }
    Ok(amounts)
}

pub fn resources(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    invocation.dry_run()?;
    invocation.existing(&words).and_then(|(_, failures)| Failure::all(failures))?;
    if ["limits", "requests"].iter().all(|flag| invocation.args.text(flag).is_empty()) {
        return Err(Failure::plain("you must specify an update to requests or limits (in the form of --requests/--limits)"));
    }
    let (limits, requests) = (read_amounts(invocation.args.text("limits"))?, read_amounts(invocation.args.text("requests"))?);
    let chosen = invocation.args.value("containers").unwrap_or("*").to_owned();
    let saying = Saying { refused: "failed to patch resources update to pod template ", done: "resource requirements updated" };
    each(invocation, &words, &saying, &|spec| {
        let mut found = false;
        for container in containers(spec).into_iter().filter(|one| is_chosen(one, &chosen)) {
            found = true;
            for (which, amounts) in [("limits", &limits), ("requests", &requests)] {
                for (name, amount) in amounts {
                    object::set_at(container, &["resources", which, name], json!(amount));
                }
            }
        }
        if found { Vec::new() } else { vec![Failure::plain(format!("error: unable to find container named {chosen}"))] }
    })
}
