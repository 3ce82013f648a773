//! diff and cmp. Models busybox editors/diff.c (unified form) and GNU diff's normal form.

use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::FileType;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "cmp", usage: "[-ls] [-n NUM] FILE1 [FILE2]", on: On::Everywhere, run: cmp },
    Program { name: "diff", usage: "[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2", on: On::Everywhere, run: diff },
];

/// The most cells of the table by which lines are matched; larger files are shown as changed as a whole.
const TABLE_MAX: usize = 4_000_000;
/// How deep diff -r goes.
const DEPTH_MAX: usize = 100;

fn cmp(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("lsn:", &[("quiet", 's'), ("silent", 's')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return io.wrong_usage(None);
    }
    let mut names = options.operands.clone();
    if names.len() == 1 {
        names.push("-".to_owned());
    }
    let Some(sources) = io.sources(&names) else { return Syscall::Read };
    let [left, right, ..] = sources.as_slice() else { return Syscall::Exit(2) };
    match left.bytes.iter().zip(&right.bytes).position(|(a, b)| a != b) {
        Some(place) => {
            if !options.has('s') {
                let line = left.bytes[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
                let unit = io.words("char", "byte").to_owned();
                io.out(&format!("{} {} differ: {unit} {}, line {line}\n", left.name, right.name, place + 1));
            }
            Syscall::Exit(1)
        }
        None if left.bytes.len() != right.bytes.len() => {
            if !options.has('s') {
                let shorter = if left.bytes.len() < right.bytes.len() { &left.name } else { &right.name };
                io.err(&format!("cmp: EOF on {shorter}\n"));
            }
            Syscall::Exit(1)
        }
        None => Syscall::Exit(0),
    }
}

/// A run of equal or different lines: from and to, on the left and on the right.
#[derive(Debug, PartialEq)]
struct Change {
    left: (usize, usize),
    right: (usize, usize),
}

/// Which lines differ, by the longest common subsequence.
fn changes(left: &[&str], right: &[&str], same: &dyn Fn(&str, &str) -> bool) -> Vec<Change> {
    let start = left.iter().zip(right).take_while(|(a, b)| same(a, b)).count();
    let end = left[start..].iter().rev().zip(right[start..].iter().rev()).take_while(|(a, b)| same(a, b)).count();
    let (a, b) = (&left[start..left.len() - end], &right[start..right.len() - end]);
    if a.is_empty() && b.is_empty() {
        return Vec::new();
    }
    if a.len().saturating_mul(b.len()) > TABLE_MAX {
        return vec![Change { left: (start, start + a.len()), right: (start, start + b.len()) }];
    }
    let width = b.len() + 1;
    let mut table = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i * width + j] =
                if same(a[i], b[j]) { table[(i + 1) * width + j + 1] + 1 } else { table[(i + 1) * width + j].max(table[i * width + j + 1]) };
        }
    }
    let mut changes: Vec<Change> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && same(a[i], b[j]) {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (from_i, from_j) = (i, j);
        while (i < a.len() || j < b.len()) && !(i < a.len() && j < b.len() && same(a[i], b[j])) {
            if j >= b.len() || (i < a.len() && table[(i + 1) * width + j] >= table[i * width + j + 1]) { i += 1 } else { j += 1 }
        }
        changes.push(Change { left: (start + from_i, start + i), right: (start + from_j, start + j) });
    }
    changes
}

fn span(from: usize, to: usize) -> String {
    match to - from {
        0 => format!("{from},0"),
        1 => format!("{}", from + 1),
        count => format!("{},{count}", from + 1),
    }
}

fn unified(left: &[&str], right: &[&str], changes: &[Change], context: usize) -> String {
    let mut text = String::new();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        // Changes whose contexts touch are one hunk.
        let count = 1 + rest.windows(2).take_while(|pair| pair[1].left.0 - pair[0].left.1 <= 2 * context).count();
        let (hunk, later) = rest.split_at(count);
        rest = later;
        let before = first.left.0.min(context);
        let last = &hunk[count - 1];
        let after = (left.len() - last.left.1).min(context);
        let (left_from, left_to) = (first.left.0 - before, last.left.1 + after);
        let (right_from, right_to) = (first.right.0 - before, last.right.1 + after);
        text += &format!("@@ -{} +{} @@\n", span(left_from, left_to), span(right_from, right_to));
        let mut at = left_from;
        for change in hunk {
            left[at..change.left.0].iter().for_each(|line| text += &line_text(' ', line));
            left[change.left.0..change.left.1].iter().for_each(|line| text += &line_text('-', line));
            right[change.right.0..change.right.1].iter().for_each(|line| text += &line_text('+', line));
            at = change.left.1;
        }
        left[at..left_to].iter().for_each(|line| text += &line_text(' ', line));
    }
    text
}

fn line_text(mark: char, line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(_) => format!("{mark}{line}"),
        None => format!("{mark}{line}\n\\ No newline at end of file\n"),
    }
}

fn normal(left: &[&str], right: &[&str], changes: &[Change]) -> String {
    let range = |(from, to): (usize, usize)| match to - from {
        0 => from.to_string(),
        1 => (from + 1).to_string(),
        _ => format!("{},{to}", from + 1),
    };
    let mut text = String::new();
    for change in changes {
        let (removed, added) = (change.left.1 > change.left.0, change.right.1 > change.right.0);
        let letter = match (removed, added) {
            (true, true) => 'c',
            (true, false) => 'd',
            _ => 'a',
        };
        text += &format!("{}{letter}{}\n", range(change.left), range(change.right));
        let marked = |mark: &str, lines: &[&str]| -> String {
            lines
                .iter()
                .map(|line| if line.ends_with('\n') { format!("{mark} {line}") } else { format!("{mark} {line}\n\\ No newline at end of file\n") })
                .collect()
        };
        text += &marked("<", &left[change.left.0..change.left.1]);
        if removed && added {
            text += "---\n";
        }
        text += &marked(">", &right[change.right.0..change.right.1]);
    }
    text
}

struct How {
    unified: bool,
    context: usize,
    brief: bool,
    new_files: bool,
    ignore_case: bool,
    ignore_blanks: bool,
    ignore_blank_lines: bool,
    labels: Vec<String>,
    report_same: bool,
}

fn diff(io: &mut Io<'_, '_>) -> Syscall {
    let long = [
        ("unified", 'u'),
        ("brief", 'q'),
        ("recursive", 'r'),
        ("new-file", 'N'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("label", 'L'),
        ("report-identical-files", 's'),
    ];
    let options = match io.options("abBdiNqrTstwuL:S:U:", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let [left, right] = options.operands.as_slice() else {
        io.usage(None);
        return Syscall::Exit(2);
    };
    let how = How {
        unified: !io.gnu() || options.has('u') || options.has('U'),
        context: options.value('U').and_then(|lines| lines.parse().ok()).unwrap_or(3),
        brief: options.has('q'),
        new_files: options.has('N'),
        ignore_case: options.has('i'),
        ignore_blanks: options.has('w') || options.has('b'),
        ignore_blank_lines: options.has('B'),
        labels: options.values('L'),
        report_same: options.has('s'),
    };
    let mut input = None;
    if left == "-" || right == "-" {
        input = io.read_all();
        if input.is_none() {
            return Syscall::Read;
        }
    }
    for name in [left, right] {
        if name != "-"
            && let Err(error) = io.files.stat(&io.path(name))
            && !how.new_files
        {
            let message = if io.gnu() { format!("{name}: {error}") } else { format!("can't stat '{name}': {error}") };
            return io.fail(&message, 2);
        }
    }
    let folder = |io: &Io<'_, '_>, name: &str| name != "-" && io.files.is_directory(&io.path(name));
    let code = match (folder(io, left), folder(io, right)) {
        (true, true) => folders(io, left, right, &how, options.has('r'), 0),
        (true, false) => {
            let inner = join(left, right.rsplit('/').next().unwrap_or(right));
            files(io, &inner, right, &how, input)
        }
        (false, true) => {
            let inner = join(right, left.rsplit('/').next().unwrap_or(left));
            files(io, left, &inner, &how, input)
        }
        (false, false) => files(io, left, right, &how, input),
    };
    Syscall::Exit(code)
}

fn files(io: &mut Io<'_, '_>, left: &str, right: &str, how: &How, input: Option<Vec<u8>>) -> i32 {
    let mut texts = Vec::new();
    for name in [left, right] {
        let bytes = if name == "-" { Ok(input.clone().unwrap_or_default()) } else { io.files.read(&io.path(name)) };
        match bytes {
            Ok(bytes) => texts.push(bytes),
            Err(_) if how.new_files => texts.push(Vec::new()),
            Err(error) => {
                let message = if io.gnu() { format!("{name}: {error}") } else { format!("can't stat '{name}': {error}") };
                io.complain(&message);
                return 2;
            }
        }
    }
    if texts[0] == texts[1] {
        if how.report_same {
            io.out(&format!("Files {left} and {right} are identical\n"));
        }
        return 0;
    }
    let binary = texts.iter().any(|bytes| bytes.contains(&0));
    if how.brief || binary {
        io.out(&if binary && io.gnu() && !how.brief {
            format!("Binary files {left} and {right} differ\n")
        } else {
            format!("Files {left} and {right} differ\n")
        });
        return 1;
    }
    let (first, second) = (String::from_utf8_lossy(&texts[0]), String::from_utf8_lossy(&texts[1]));
    let lines = |text: &str| -> Vec<String> {
        text.split_inclusive('\n').filter(|line| !how.ignore_blank_lines || !line.trim().is_empty()).map(str::to_owned).collect()
    };
    let (first, second) = (lines(&first), lines(&second));
    let (first, second): (Vec<&str>, Vec<&str>) = (first.iter().map(String::as_str).collect(), second.iter().map(String::as_str).collect());
    let plain = |line: &str| {
        let line = if how.ignore_blanks { line.split_whitespace().collect::<String>() } else { line.to_owned() };
        if how.ignore_case { line.to_lowercase() } else { line }
    };
    let changes = changes(&first, &second, &|a, b| plain(a) == plain(b));
    if changes.is_empty() {
        return 0;
    }
    if how.unified {
        let label = |io: &Io<'_, '_>, place: usize, name: &str| {
            how.labels.get(place).cloned().unwrap_or_else(|| {
                let at = io.files.stat(&io.path(name)).map(|found| found.modified);
                match at {
                    Ok(at) if io.gnu() => format!("{name}\t{}", date_text("%Y-%m-%d %H:%M:%S.%N +0000", at)),
                    _ => name.to_owned(),
                }
            })
        };
        let head = format!("--- {}\n+++ {}\n", label(io, 0, left), label(io, 1, right));
        io.out(&(head + &unified(&first, &second, &changes, how.context)));
    } else {
        io.out(&normal(&first, &second, &changes));
    }
    1
}

fn folders(io: &mut Io<'_, '_>, left: &str, right: &str, how: &How, recursive: bool, depth: usize) -> i32 {
    let list = |io: &Io<'_, '_>, name: &str| io.files.list(&io.path(name)).unwrap_or_default();
    let mut names = [list(io, left), list(io, right)].concat();
    names.sort();
    names.dedup();
    let mut code = 0;
    for name in names {
        let (a, b) = (join(left, &name), join(right, &name));
        let kind = |io: &Io<'_, '_>, name: &str| io.files.stat(&io.path(name)).ok().map(|found| found.file_type);
        match (kind(io, &a), kind(io, &b)) {
            (Some(FileType::Directory), Some(FileType::Directory)) if recursive && depth < DEPTH_MAX => {
                code = code.max(folders(io, &a, &b, how, recursive, depth + 1));
            }
            (Some(FileType::Directory), Some(FileType::Directory)) => io.out(&format!("Common subdirectories: {a} and {b}\n")),
            (Some(_), Some(_)) => {
                code = code.max(files(io, &a, &b, how, None));
            }
            (Some(_), None) if !how.new_files => {
                io.out(&format!("Only in {left}: {name}\n"));
                code = code.max(1);
            }
            (None, Some(_)) if !how.new_files => {
                io.out(&format!("Only in {right}: {name}\n"));
                code = code.max(1);
            }
            _ => code = code.max(files(io, &a, &b, how, None)),
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_shown_in_hunks() {
        let check = |left: &str, right: &str, expect: &str| {
            let (left, right): (Vec<&str>, Vec<&str>) = (left.split_inclusive('\n').collect(), right.split_inclusive('\n').collect());
            assert_eq!(unified(&left, &right, &changes(&left, &right, &|a, b| a == b), 3), expect);
        };
        check("one\n", "two\n", "@@ -1 +1 @@\n-one\n+two\n");
        check("a\nb\nc\n", "a\nc\n", "@@ -1,3 +1,2 @@\n a\n-b\n c\n");
        check("", "x\n", "@@ -0,0 +1 @@\n+x\n");
        check("a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
        check("same\n", "same\n", "");
        let (left, right): (Vec<&str>, Vec<&str>) = ("a\nb\nc\n".split_inclusive('\n').collect(), "a\nx\ny\nc\n".split_inclusive('\n').collect());
        assert_eq!(normal(&left, &right, &changes(&left, &right, &|a, b| a == b)), "2c2,3\n< b\n---\n> x\n> y\n");
    }
}
