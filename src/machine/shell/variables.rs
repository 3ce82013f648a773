//! A shell's variables, positional parameters and options.

use super::arrays::{Array, Subscript};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Variable {
    pub value: String,
    pub exported: bool,
    pub read_only: bool,
    pub array: Option<Array>,
}

/// Variables by name, and the special parameters.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Variables {
    pub all: BTreeMap<String, Variable>,
    pub positional: Vec<String>,
    /// `$0`
    pub name: String,
    /// `$?`
    pub last_code: i32,
    /// `$$`
    pub process_id: u32,
    /// `$!`
    pub last_background: Option<u32>,
    /// `set -u`
    pub nounset: bool,
    /// `shopt -s nullglob`
    pub nullglob: bool,
    /// It is bash, which words some things its own way.
    pub bash: bool,
    /// `set -e`, `-x` and what else is on, for `$-`.
    pub flags: String,
}

impl Variables {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(|variable| variable.value.as_str())
    }

    /// What stands between the parameters in `"$*"`: the first character of IFS.
    pub fn joiner(&self) -> String {
        self.get("IFS").map_or_else(|| " ".to_owned(), |separators| separators.chars().take(1).collect())
    }

    /// A variable or special parameter; `None` where it is unset.
    pub fn lookup(&self, name: &str) -> Option<String> {
        match name {
            "@" => (!self.positional.is_empty()).then(|| self.positional.join(" ")),
            "*" => (!self.positional.is_empty()).then(|| self.positional.join(&self.joiner())),
            "#" => Some(self.positional.len().to_string()),
            "?" => Some(self.last_code.to_string()),
            "$" => Some(self.process_id.to_string()),
            "!" => self.last_background.map(|id| id.to_string()),
            "-" => Some(self.flags.clone()),
            "0" => Some(self.name.clone()),
            _ => match name.parse::<usize>() {
                Ok(0) => Some(self.name.clone()),
                Ok(index) => self.positional.get(index - 1).cloned(),
                Err(_) => self.get(name).map(str::to_owned),
            },
        }
    }

    /// Sets a variable; a read-only one stays as it is and false is returned.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let variable = self.all.entry(name.to_owned()).or_default();
        if !variable.read_only {
            variable.value = value.to_owned();
            if let Some(array) = &mut variable.array {
                array.entries.insert(if array.keyed { Subscript::Key("0".to_owned()) } else { Subscript::Index(0) }, value.to_owned());
            }
        }
        !variable.read_only
    }

    /// The variables by which scripts know bash.
    pub fn be_bash(&mut self) {
        self.bash = true;
        self.set("BASH_VERSION", "5.2.15(1)-release");
    }

    pub fn export(&mut self, name: &str) {
        self.all.entry(name.to_owned()).or_default().exported = true;
    }

    /// What child processes get.
    pub fn exported(&self) -> BTreeMap<String, String> {
        self.all.iter().filter(|(_, variable)| variable.exported).map(|(name, variable)| (name.clone(), variable.value.clone())).collect()
    }

    /// What `set -u` says of an unset variable.
    pub fn unset_message(&self, name: &str) -> String {
        format!("{name}: {}", if self.bash { "unbound variable" } else { "parameter not set" })
    }
}
