//! Facts of upstream's own tests, restated as data in tests/cases.

use serde::Deserialize;
use statelab::values::jsonpath::JsonPath;
use statelab::values::object::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    data: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    id: String,
    template: String,
    data: Option<String>,
    input: Option<Value>,
    #[serde(default)]
    allow_missing_keys: bool,
    output: Option<String>,
    error: Option<String>,
    order: Option<String>,
}

#[test]
fn jsonpath_answers_as_client_go() {
    let file: File = serde_yaml::from_str(include_str!("../cases/jsonpath.yaml")).expect("the cases are YAML");
    let mut wrong = Vec::new();
    for case in &file.cases {
        let input = match &case.data {
            Some(name) => file.data[name].clone(),
            None => case.input.clone().unwrap_or_default(),
        };
        let result = JsonPath::parse(&case.template).and_then(|path| path.allow_missing_keys(case.allow_missing_keys).execute(&input));
        let expect = match (&case.output, &case.error) {
            (Some(output), _) => Ok(output.clone()),
            (None, error) => Err(error.clone().unwrap_or_default()),
        };
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        let same = match (&result, &expect) {
            (Ok(result), Ok(expect)) if case.order.as_deref() == Some("any") => words(result) == words(expect),
            _ => result == expect,
        };
        if !same {
            wrong.push(format!("{}: {} gave {result:?}, not {expect:?}", case.id, case.template));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), file.cases.len(), wrong.join("\n"));
}
