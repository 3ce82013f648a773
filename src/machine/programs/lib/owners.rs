//! Names of users and groups.

use crate::machine::programs::lib::io::Io;

pub fn owner_name(io: &Io<'_, '_>, table: &str, number: u32) -> String {
    if number == 0 {
        return "root".to_owned();
    }
    let text = io.files.read(table).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let wanted = number.to_string();
    text.lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&wanted.as_str()))
        .map_or(wanted.clone(), |fields| fields[0].to_owned())
}
