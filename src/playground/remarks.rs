//! What to do next after an error: a sentence of our own below what kubectl or the shell said, never instead of it.

/// Words of an error, and the remark; the first row that is found in the output counts.
const REMARKS: &[(&str, &str)] = &[
    (
        "command terminated with exit code",
        "This ran in the container and failed there: programs and files are the container's own, not the console's.",
    ),
    ("command not found", "The console has kubectl, a shell and its usual tools. Tab completes their names."),
    ("doesn't have a resource type", "kubectl api-resources lists the types with their short names."),
    ("no matches for kind", "apiVersion and kind do not belong together; kubectl api-resources shows which do."),
    ("error converting YAML to JSON", "The line it names is where the YAML breaks: often a tab, a missing colon or a wrong indent."),
    ("error parsing", "The line it names is where the YAML breaks: often a tab, a missing colon or a wrong indent."),
    ("unknown field", "A field is misspelled or stands at the wrong depth; kubectl explain with the kind lists what may stand there."),
    ("immutable", "This part is fixed once the object is made: delete the object and create it anew."),
    ("AlreadyExists", "create only makes what is not there yet; kubectl apply changes what is."),
    ("(NotFound)", "There is none of that name here. kubectl get shows what there is, with -A in every namespace."),
    ("(Forbidden)", "The server takes the request but a rule forbids it; the rule is named above."),
    (" is invalid:", "The field it names has a value that is not allowed there; kubectl explain with that path tells what is."),
    ("(Conflict)", "Somebody wrote the object in between: read it again, then change it."),
    ("does not exist", "Look at what is there with ls; the editor's files are in the console's home folder."),
    ("No such file or directory", "Look at what is there with ls; the editor's files are in the console's home folder."),
    ("container not found", "That container does not run now; kubectl describe pod tells why."),
    ("unable to upgrade connection", "That container does not run now; kubectl describe pod tells why."),
    ("timed out waiting", "kubectl describe of the object tells what it waits for."),
    ("unknown shorthand flag", "The command's own --help lists its flags."),
    ("unknown flag", "The command's own --help lists its flags."),
    ("unknown command", "kubectl help lists the commands."),
    ("No resources found", "Nothing of that kind here; -A looks in every namespace."),
];

/// The remark for what a command wrote to its standard error; `None`: there is nothing to add.
pub fn after(errors: &str) -> Option<&'static str> {
    REMARKS.iter().find(|(words, _)| errors.contains(words)).map(|(_, remark)| *remark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::flavour;
    use crate::playground::session::Session;

    #[test]
    fn errors_of_every_day_have_a_remark() {
        let session = Session::new(flavour::by_name("playground").unwrap(), 3, 1);
        for line in
            ["kubctl get pods", "kubectl get pots", "kubectl get pod none", "kubectl apply -f none.yaml", "kubectl get pods --wrong", "kubectl gat"]
        {
            let (chunks, _) = session.run_quietly(line);
            let text: String = chunks.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect();
            assert!(after(&text).is_some(), "{line}: {text}");
        }
        assert_eq!(after("Warning: deleting cluster-scoped resources"), None);
    }
}
