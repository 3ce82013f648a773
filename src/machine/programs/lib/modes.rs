//! Permissions, as `ls` prints them and `chmod` takes them.

use crate::machine::vfs::FileType;
use crate::machine::vfs::Metadata;

/// `drwxr-xr-x`.
pub fn mode_text(metadata: &Metadata) -> String {
    let mut text = String::new();
    text.push(match metadata.file_type {
        FileType::File => '-',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::Socket => 's',
        FileType::CharDevice => 'c',
        FileType::BlockDevice => 'b',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = metadata.mode >> shift & 7;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, metadata.mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A mode as chmod takes it, from the mode that is there.
pub fn new_mode(text: &str, old: u32, folder: bool) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let operator = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(operator);
        let shifts: Vec<u32> = match who {
            "" => vec![6, 3, 0],
            _ => {
                let mut shifts = Vec::new();
                for letter in who.chars() {
                    match letter {
                        'u' => shifts.push(6),
                        'g' => shifts.push(3),
                        'o' => shifts.push(0),
                        'a' => shifts.extend([6, 3, 0]),
                        _ => return None,
                    }
                }
                shifts
            }
        };
        while let Some(operator) = rest.chars().next() {
            let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
            let (mut bits, mut special) = (0, 0);
            for letter in rest[1..end].chars() {
                match letter {
                    'r' => bits |= 4,
                    'w' => bits |= 2,
                    'x' => bits |= 1,
                    'X' => bits |= u32::from(folder || old & 0o111 != 0),
                    's' => special |= if shifts.contains(&6) { 0o4000 } else { 0 } | if shifts.contains(&3) { 0o2000 } else { 0 },
                    't' => special |= 0o1000,
                    'u' => bits |= old >> 6 & 7,
                    'g' => bits |= old >> 3 & 7,
                    'o' => bits |= old & 7,
                    _ => return None,
                }
            }
            let all = shifts.iter().fold(special, |all, shift| all | bits << shift);
            match operator {
                '+' => mode |= all,
                '-' => mode &= !all,
                _ => mode = shifts.iter().fold(mode, |mode, shift| mode & !(7 << shift)) | all,
            }
            rest = &rest[end..];
        }
    }
    Some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_change_as_chmod_says() {
        let check = |text: &str, old: u32, expect: Option<u32>| assert_eq!(new_mode(text, old, false), expect, "{text}");
        check("640", 0o644, Some(0o640));
        check("u+x,o+r", 0o640, Some(0o744));
        check("a-w", 0o666, Some(0o444));
        check("go=", 0o777, Some(0o700));
        check("+t", 0o755, Some(0o1755));
        check("+X", 0o644, Some(0o644));
        check("q+x", 0o644, None);
        check("999", 0o644, None);
    }
}
