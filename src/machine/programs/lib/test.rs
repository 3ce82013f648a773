//! What `test`, `[` and `[[` decide.

use super::glob::matches;
use crate::machine::vfs::{self, FileType, View};

/// What `test` and `[` decide.
/// # Errors
/// What is wrong with the words.
pub fn test_expression(words: &[String], files: &View<'_>, folder: &str) -> Result<bool, Complaint> {
    let terms: Vec<(String, String)> = words.iter().map(|word| (word.clone(), word.clone())).collect();
    let mut reader = TestReader { terms: &terms, at: 0, files, folder, double: false, matched: None };
    if terms.is_empty() {
        return Ok(false);
    }
    let result = reader.or()?;
    if reader.at < terms.len() { Err(Complaint::Operand(terms[reader.at].0.clone())) } else { Ok(result) }
}

/// What `[[ … ]]` decides; each word comes as text and as pattern.
/// # Errors
/// What is wrong with the words.
pub fn double_bracket(terms: &[(String, String)], files: &View<'_>, folder: &str) -> Result<(bool, Option<Vec<String>>), String> {
    let mut reader = TestReader { terms, at: 0, files, folder, double: true, matched: None };
    let result = reader.or().map_err(|complaint| complaint.bash())?;
    if reader.at < terms.len() { Err("syntax error in conditional expression".to_owned()) } else { Ok((result, reader.matched)) }
}

/// What is wrong with the words of `test`; each shell words it its own way.
pub enum Complaint {
    Number(String),
    Operand(String),
    /// Words are missing, after an operator where there is one.
    Missing(Option<String>),
    Paren,
}

impl Complaint {
    /// As bash, dash and coreutils say it.
    pub fn bash(&self) -> String {
        match self {
            Self::Number(word) => format!("{word}: integer expression expected"),
            Self::Operand(word) => format!("{word}: unexpected operator"),
            Self::Missing(_) => "argument expected".to_owned(),
            Self::Paren => "closing paren expected".to_owned(),
        }
    }

    /// As busybox says it.
    pub fn ash(&self) -> String {
        match self {
            Self::Number(word) => format!("{word}: bad number"),
            Self::Operand(word) => format!("{word}: unknown operand"),
            Self::Missing(Some(operator)) => format!("{operator}: argument expected"),
            Self::Missing(None) => "argument expected".to_owned(),
            Self::Paren => "closing paren expected".to_owned(),
        }
    }
}

const NUMBER_OPERATORS: &[&str] = &["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

struct TestReader<'a, 'v> {
    terms: &'a [(String, String)],
    at: usize,
    files: &'a View<'v>,
    folder: &'a str,
    double: bool,
    /// What `=~` and its groups matched last.
    matched: Option<Vec<String>>,
}

impl TestReader<'_, '_> {
    fn word(&self, ahead: usize) -> Option<&str> {
        self.terms.get(self.at + ahead).map(|(text, _)| text.as_str())
    }

    fn or(&mut self) -> Result<bool, Complaint> {
        let mut holds = self.and()?;
        while matches!((self.word(0), self.double), (Some("-o"), false) | (Some("||"), true)) {
            self.at += 1;
            holds |= self.and()?;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, Complaint> {
        let mut holds = self.not()?;
        while matches!((self.word(0), self.double), (Some("-a"), false) | (Some("&&"), true)) {
            self.at += 1;
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, Complaint> {
        if self.word(0) == Some("!") && self.word(1).is_some() {
            self.at += 1;
            return Ok(!self.not()?);
        }
        if self.word(0) == Some("(") && self.terms.len() - self.at > 2 {
            self.at += 1;
            let holds = self.or()?;
            if self.word(0) != Some(")") {
                return Err(Complaint::Paren);
            }
            self.at += 1;
            return Ok(holds);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<bool, Complaint> {
        let Some(left) = self.word(0).map(str::to_owned) else { return Err(Complaint::Missing(None)) };
        if let (Some(operator), Some(right)) = (self.word(1).map(str::to_owned), self.terms.get(self.at + 2).cloned())
            && let Some(holds) = self.binary(&left, &operator, &right)?
        {
            self.at += 3;
            return Ok(holds);
        }
        if let (Some(operator), None) = (self.word(1).filter(|word| NUMBER_OPERATORS.contains(word)), self.word(2)) {
            return Err(Complaint::Missing(Some(operator.to_owned())));
        }
        if let (true, Some(operand)) = (left.len() == 2 && left.starts_with('-'), self.word(1).map(str::to_owned))
            && let Some(holds) = self.unary(&left, &operand)
        {
            self.at += 2;
            return Ok(holds);
        }
        self.at += 1;
        Ok(!left.is_empty())
    }

    fn binary(&mut self, left: &str, operator: &str, right: &(String, String)) -> Result<Option<bool>, Complaint> {
        let number = |text: &str| text.trim().parse::<i64>().map_err(|_| Complaint::Number(text.to_owned()));
        let modified = |name: &str| self.files.stat(&vfs::absolute(self.folder, name)).map(|found| found.modified).ok();
        Ok(Some(match operator {
            "=" | "==" if self.double => matches(&right.1, left),
            "!=" if self.double => !matches(&right.1, left),
            "=~" if self.double => {
                let groups = regex_lite::Regex::new(&right.0).ok().and_then(|regex| {
                    let found = regex.captures(left)?;
                    Some(found.iter().map(|group| group.map_or(String::new(), |group| group.as_str().to_owned())).collect())
                });
                let holds = groups.is_some();
                self.matched = Some(groups.unwrap_or_default());
                holds
            }
            "=" | "==" => left == right.0,
            "!=" => left != right.0,
            "<" => left < right.0.as_str(),
            ">" => left > right.0.as_str(),
            "-eq" => number(left)? == number(&right.0)?,
            "-ne" => number(left)? != number(&right.0)?,
            "-lt" => number(left)? < number(&right.0)?,
            "-le" => number(left)? <= number(&right.0)?,
            "-gt" => number(left)? > number(&right.0)?,
            "-ge" => number(left)? >= number(&right.0)?,
            "-ef" => self.same_file(left, &right.0),
            "-nt" => modified(left) > modified(&right.0),
            "-ot" => modified(left) < modified(&right.0),
            _ => return Ok(None),
        }))
    }

    /// Whether two names are of one file.
    fn same_file(&self, left: &str, right: &str) -> bool {
        let place = |name: &str| self.files.canonical(&vfs::absolute(self.folder, name)).ok();
        place(left).is_some_and(|left| place(right) == Some(left))
    }

    fn unary(&self, operator: &str, operand: &str) -> Option<bool> {
        let path = vfs::absolute(self.folder, operand);
        let is = |wanted: FileType| self.files.stat(&path).is_ok_and(|found| found.file_type == wanted);
        Some(match operator {
            "-n" => !operand.is_empty(),
            "-z" => operand.is_empty(),
            "-e" => self.files.exists(&path),
            "-f" => is(FileType::File),
            "-d" => is(FileType::Directory),
            "-b" => is(FileType::BlockDevice),
            "-c" => is(FileType::CharDevice),
            "-S" => is(FileType::Socket),
            "-h" | "-L" => self.files.lstat(&path).is_ok_and(|found| found.file_type == FileType::Symlink),
            "-s" => self.files.stat(&path).is_ok_and(|found| found.size > 0),
            "-r" | "-w" => self.files.exists(&path),
            "-x" => self.files.stat(&path).is_ok_and(|found| found.mode & 0o111 != 0),
            "-t" => false,
            "-v" => true,
            _ => return None,
        })
    }
}
