//! Names of users and groups.

use crate::machine::programs::lib::io::Io;

/// The name that a table has for a number; the number itself where it has none. Without a table, the first one is root's.
pub fn owner_name(io: &Io<'_, '_>, table: &str, number: u32) -> String {
    if number == 0 && !io.files.exists(table) {
        return "root".to_owned();
    }
    let text = io.files.read(table).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let wanted = number.to_string();
    text.lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&wanted.as_str()))
        .map_or(wanted.clone(), |fields| fields[0].to_owned())
}

/// How many lines of a table are no records of so many fields, up to the one of a number.
pub fn bad_records(io: &Io<'_, '_>, table: &str, fields: usize, number: u32) -> usize {
    let text = io.files.read(table).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let records = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split(':').collect::<Vec<_>>());
    let number = number.to_string();
    records.take_while(|record| record.len() != fields || record[2] != number).filter(|record| record.len() != fields).count()
}
