//! Text -> command tree. POSIX shell grammar with what people use of bash.
//!
//! Models the Shell Command Language of POSIX.1. Simplified: aliases are replaced by the interpreter, coprocesses are not read.

use std::rc::Rc;

/// Commands one after the other.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Script {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub and_or: Rc<AndOr>,
    /// Its text, where it ends with `&`.
    pub background: Option<Rc<str>>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug, PartialEq)]
pub struct AndOr {
    pub first: Rc<Pipeline>,
    pub rest: Vec<(Join, Rc<Pipeline>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    pub negated: bool,
    pub commands: Vec<Rc<Command>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    Group(Rc<Script>),
    Subshell(Rc<Script>),
    If {
        arms: Vec<(Rc<Script>, Rc<Script>)>,
        otherwise: Option<Rc<Script>>,
    },
    /// `words` absent: the positional parameters.
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: Rc<Script>,
    },
    /// `for ((begin; while; step))`
    Count {
        begin: Word,
        condition: Word,
        step: Word,
        body: Rc<Script>,
    },
    While {
        until: bool,
        condition: Rc<Script>,
        body: Rc<Script>,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, Rc<Script>)>,
    },
    Function {
        name: String,
        body: Rc<Command>,
    },
    /// `[[ … ]]`
    Test(Vec<Word>),
    /// `(( … ))`
    Arithmetic(Word),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    pub name: String,
    /// `name[index]=value`
    pub index: Option<Word>,
    pub value: Word,
    /// `name=(…)`, in the place of the value.
    pub array: Option<Vec<Element>>,
    /// It stands behind `declare -A`.
    pub keyed: bool,
    /// `name+=value`
    pub append: bool,
}

/// A value of `name=(…)`, which may say its place: `[index]=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    pub index: Option<Word>,
    pub value: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    pub fd: u32,
    pub kind: RedirectKind,
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    Read,
    Write,
    Append,
    ReadWrite,
    /// `>&` and `<&`
    Duplicate,
    /// `&>`
    WriteBoth,
    /// The target's text is the input.
    Here,
    /// As `Here`, with a newline at its end.
    HereString,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Word {
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Literal(String),
    /// Quoted text, taken as it is.
    Quoted(String),
    Double(Vec<Part>),
    Parameter(Parameter),
    /// `$(…)`: its number within the text, and what to run.
    Command(u32, Rc<Script>),
    /// `<(…)`: a file with what the commands print.
    Process(u32, Rc<Script>),
    /// `$((…))`
    Arithmetic(Word),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: String,
    /// `${name[index]}`
    pub index: Option<Word>,
    pub operation: Operation,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    Plain,
    Length,
    /// `${!name[@]}`: the subscripts.
    Keys,
    /// `${!name}`: the variable that is named there.
    Indirect,
    /// `${x:-word}` and its relatives: `-`, `=`, `?`, `+`; `colon` counts an empty value as unset.
    Alternative {
        operator: char,
        colon: bool,
        word: Word,
    },
    /// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`
    Trim {
        suffix: bool,
        longest: bool,
        pattern: Word,
    },
    /// `${x/p/r}`, `${x//p/r}`
    Replace {
        all: bool,
        pattern: Word,
        with: Word,
    },
    /// `${x:offset:length}`
    Slice {
        offset: Word,
        length: Option<Word>,
    },
    /// `${x^^}`, `${x,,}`; with one sign only the first character.
    Case {
        upper: bool,
        all: bool,
    },
}

/// What an incomplete script lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    More,
    /// The quote that was opened.
    Quote(char),
    /// The word that ends what was begun.
    Word(&'static str),
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// More lines could complete it.
    Incomplete(Missing),
    /// The token that cannot stand where it stands.
    Unexpected(String),
    /// What `for` counts with is no name; empty where there is nothing.
    BadName(String),
}

impl ParseError {
    /// The same, where a text that lacks anything lacks the end of an expansion.
    fn lacking(self, end: char) -> ParseError {
        if self == ParseError::Incomplete(Missing::More) { ParseError::Incomplete(Missing::Quote(end)) } else { self }
    }
}

/// Where the numbers of substitutions in here-documents begin.
const HERE_DOCUMENT_NUMBERS: u32 = 1 << 16;
/// How deeply commands may nest.
const DEPTH_MAX: usize = 100;

/// Reads a whole text; `bash` has arrays and `<(…)` too.
/// # Errors
/// Incomplete or Unexpected.
pub fn parse(text: &str, bash: bool) -> Result<Script, ParseError> {
    let mut reader = Reader { text: text.chars().collect(), position: 0, resume: None, commands: 0, depth: 0, bash };
    let script = reader.script(&[])?;
    match reader.peek() {
        None => Ok(script),
        Some(_) => Err(ParseError::Unexpected(reader.token())),
    }
}

/// Reads a text as a word in double quotes, as the body of a here-document is.
/// # Errors
/// As `parse`.
pub fn parse_quoted(text: &str, bash: bool) -> Result<Word, ParseError> {
    // The body stands in a command with substitutions of its own, whose numbers are lower.
    let mut reader = Reader { text: text.chars().collect(), position: 0, resume: None, commands: HERE_DOCUMENT_NUMBERS, depth: 0, bash };
    let parts = reader.double_parts(None)?;
    Ok(Word { parts })
}

struct Reader {
    text: Vec<char>,
    position: usize,
    /// Where reading goes on after the end of this line: behind the here-documents that began on it.
    resume: Option<usize>,
    commands: u32,
    depth: usize,
    bash: bool,
}

/// Builtins behind which arrays may be assigned.
const DECLARING: &[&str] = &["declare", "export", "local", "readonly", "typeset"];
const RESERVED: &[&str] =
    &["!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while", "[["];

type Parsed<T> = Result<T, ParseError>;

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.position).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.position + ahead).copied()
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.peek_at(index) == Some(c))
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            self.position += text.chars().count();
        }
        found
    }

    fn blanks(&mut self) {
        loop {
            if self.take("\\\n") {
                continue;
            }
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.position += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.position += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// Steps over a newline, and over the here-documents that follow the line.
    fn newline(&mut self) -> bool {
        if self.peek() != Some('\n') {
            return false;
        }
        self.position = self.resume.take().unwrap_or(self.position + 1);
        true
    }

    fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.newline() {
                return;
            }
        }
    }

    /// What stands here, for a message.
    fn token(&self) -> String {
        match self.peek() {
            None => "newline".to_owned(),
            Some('\n') => "newline".to_owned(),
            Some(c @ (';' | '&' | '|' | '(' | ')' | '<' | '>')) => {
                if self.peek_at(1) == Some(c) && c != '(' && c != ')' {
                    format!("{c}{c}")
                } else {
                    c.to_string()
                }
            }
            Some(_) => self.text[self.position..].iter().take_while(|c| !" \t\n;&|()<>".contains(**c)).collect(),
        }
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(if self.peek().is_none() { ParseError::Incomplete(Missing::More) } else { ParseError::Unexpected(self.token()) })
    }

    /// The plain word that stands here, without stepping over it.
    fn plain_word(&self) -> String {
        self.text[self.position..].iter().take_while(|c| !" \t\n;&|()<>\"'`$\\".contains(**c)).collect()
    }

    fn reserved(&self, word: &str) -> bool {
        self.plain_word() == word
    }

    fn expect(&mut self, word: &'static str) -> Parsed<()> {
        self.newlines();
        if self.reserved(word) {
            self.position += word.chars().count();
            Ok(())
        } else if self.peek().is_none() {
            Err(ParseError::Incomplete(Missing::Word(word)))
        } else {
            self.unexpected()
        }
    }

    /// Commands up to one of the closing words, or up to `)` or the end.
    fn script(&mut self, closing: &[&str]) -> Parsed<Script> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::Unexpected("(".to_owned()));
        }
        let mut items = Vec::new();
        loop {
            self.newlines();
            let end = self.peek().is_none() || self.peek() == Some(')') || self.looking_at(";;") || closing.iter().any(|word| self.reserved(word));
            if end {
                break;
            }
            let begin = self.position;
            let and_or = Rc::new(self.and_or()?);
            self.blanks();
            let mut background = None;
            if self.looking_at(";;") || self.take(";") {
            } else if self.peek() == Some('&') && self.peek_at(1) != Some('&') {
                background = Some(self.text[begin..self.position].iter().collect::<String>().trim().into());
                self.position += 1;
            } else if self.peek().is_some_and(|c| c != '\n' && c != ')') {
                return self.unexpected();
            }
            items.push(Item { and_or, background });
        }
        self.depth -= 1;
        Ok(Script { items })
    }

    /// Commands up to a closing word, of which there must be at least one.
    fn block(&mut self, closing: &[&'static str]) -> Parsed<Rc<Script>> {
        let script = self.script(closing)?;
        if self.peek().is_none()
            && let Some(word) = closing.last()
        {
            return Err(ParseError::Incomplete(Missing::Word(word)));
        }
        if script.items.is_empty() {
            return self.unexpected();
        }
        Ok(Rc::new(script))
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = Rc::new(self.pipeline()?);
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let join = if self.take("&&") {
                Join::And
            } else if self.take("||") {
                Join::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.newlines();
            rest.push((join, Rc::new(self.pipeline()?)));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.blanks();
        let mut negated = false;
        while self.reserved("!") {
            self.position += 1;
            self.blanks();
            negated = !negated;
        }
        let mut commands = vec![Rc::new(self.command()?)];
        loop {
            self.blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return Ok(Pipeline { negated, commands });
            }
            self.position += 1;
            if self.take("&") {
                // `a |& b` is `a 2>&1 | b`.
                let last = Rc::make_mut(commands.last_mut().expect("the first is there"));
                last.redirects.push(Redirect { fd: 2, kind: RedirectKind::Duplicate, target: Word { parts: vec![Part::Literal("1".into())] } });
            }
            self.newlines();
            commands.push(Rc::new(self.command()?));
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.blanks();
        let kind = if self.looking_at("((") {
            self.arithmetic_command()?
        } else if self.take("(") {
            let body = self.script(&[])?;
            if body.items.is_empty() && self.peek() == Some(')') {
                return self.unexpected();
            }
            self.close()?;
            Kind::Subshell(Rc::new(body))
        } else {
            match self.plain_word().as_str() {
                "{" if self.peek_at(1).is_none_or(|c| " \t\n;".contains(c)) => {
                    self.position += 1;
                    let body = self.block(&["}"])?;
                    self.expect("}")?;
                    Kind::Group(body)
                }
                "if" => self.if_command()?,
                "for" => self.for_command()?,
                word @ ("while" | "until") => {
                    let until = word == "until";
                    self.position += 5;
                    let condition = self.block(&["do"])?;
                    self.expect("do")?;
                    let body = self.block(&["done"])?;
                    self.expect("done")?;
                    Kind::While { until, condition, body }
                }
                "case" => self.case_command()?,
                "[[" => self.test_command()?,
                "function" => {
                    self.position += 8;
                    self.blanks();
                    let name = self.plain_word();
                    self.position += name.chars().count();
                    self.blanks();
                    if self.take("(") {
                        self.close()?;
                    }
                    self.function_body(name)?
                }
                word if RESERVED.contains(&word) && word != "{" => return self.unexpected(),
                _ => return self.simple_command(),
            }
        };
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(more) => redirects.extend(more),
                None => return Ok(Command { kind, redirects }),
            }
        }
    }

    /// Steps over a closing bracket.
    fn close(&mut self) -> Parsed<()> {
        self.newlines();
        match self.peek() {
            Some(')') => self.position += 1,
            Some(_) => return self.unexpected(),
            None => return Err(ParseError::Incomplete(Missing::Word(")"))),
        }
        Ok(())
    }

    fn function_body(&mut self, name: String) -> Parsed<Kind> {
        self.newlines();
        let body = Rc::new(self.command()?);
        Ok(Kind::Function { name, body })
    }

    fn if_command(&mut self) -> Parsed<Kind> {
        self.position += 2;
        let mut arms = Vec::new();
        loop {
            let condition = self.block(&["then"])?;
            self.expect("then")?;
            arms.push((condition, self.block(&["elif", "else", "fi"])?));
            self.newlines();
            if self.reserved("elif") {
                self.position += 4;
                continue;
            }
            let otherwise = if self.reserved("else") {
                self.position += 4;
                Some(self.block(&["fi"])?)
            } else {
                None
            };
            self.expect("fi")?;
            return Ok(Kind::If { arms, otherwise });
        }
    }

    fn for_command(&mut self) -> Parsed<Kind> {
        self.position += 3;
        self.blanks();
        if self.bash && self.take("((") {
            return self.count_command();
        }
        let name = self.plain_word();
        if !is_name(&name) {
            return Err(ParseError::BadName(name));
        }
        self.position += name.chars().count();
        self.newlines();
        let mut words = None;
        if self.reserved("in") {
            self.position += 2;
            let mut list = Vec::new();
            loop {
                self.blanks();
                match self.word()? {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
            words = Some(list);
            if self.peek().is_none() {
                return self.unexpected();
            }
        }
        self.blanks();
        self.take(";");
        self.expect("do")?;
        let body = self.block(&["done"])?;
        self.expect("done")?;
        Ok(Kind::For { name, words, body })
    }

    /// `for ((a; b; c))`, from behind its brackets.
    fn count_command(&mut self) -> Parsed<Kind> {
        let begin = self.arithmetic(";")?;
        let condition = self.arithmetic(";")?;
        let step = self.arithmetic("))")?;
        self.blanks();
        self.take(";");
        self.newlines();
        let (open, close) = if self.reserved("{") { ("{", "}") } else { ("do", "done") };
        self.expect(open)?;
        let body = self.block(&[close])?;
        self.expect(close)?;
        Ok(Kind::Count { begin, condition, step, body })
    }

    fn case_command(&mut self) -> Parsed<Kind> {
        self.position += 4;
        self.blanks();
        let Some(word) = self.word()? else { return self.unexpected() };
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.reserved("esac") {
                self.position += 4;
                return Ok(Kind::Case { word, arms });
            }
            self.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                match self.word()? {
                    Some(pattern) => patterns.push(pattern),
                    None if self.peek().is_none() => return Err(ParseError::Incomplete(Missing::Word(")"))),
                    None => return self.unexpected(),
                }
                self.blanks();
                if !self.take("|") {
                    break;
                }
            }
            self.close()?;
            let body = self.script(&["esac"])?;
            self.newlines();
            if !self.take(";;") && !self.reserved("esac") {
                return if self.peek().is_none() { Err(ParseError::Incomplete(Missing::Word(";;"))) } else { self.unexpected() };
            }
            arms.push((patterns, Rc::new(body)));
        }
    }

    fn test_command(&mut self) -> Parsed<Kind> {
        self.position += 2;
        let mut words = Vec::new();
        loop {
            self.newlines();
            if self.reserved("]]") {
                self.position += 2;
                return Ok(Kind::Test(words));
            }
            // Operators that are words of their own inside [[ ]].
            let operator = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|operator| self.looking_at(operator));
            if let Some(operator) = operator {
                self.take(operator);
                words.push(Word { parts: vec![Part::Literal(operator.to_owned())] });
                continue;
            }
            let regex = matches!(words.last().map(|word| word.parts.as_slice()), Some([Part::Literal(text)]) if text == "=~");
            let word = if regex { self.regex_word()? } else { self.word()? };
            match word {
                Some(word) => words.push(word),
                None => return self.unexpected(),
            }
        }
    }

    /// The word behind `=~`, in which brackets and bars are the expression's.
    fn regex_word(&mut self) -> Parsed<Option<Word>> {
        let (mut word, mut depth) = (Word::default(), 0_usize);
        self.blanks();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' if depth == 0 => break,
                '(' | ')' | '|' | '<' | '>' | '&' | ';' | ' ' => {
                    depth = if c == '(' {
                        depth + 1
                    } else if c == ')' {
                        depth.saturating_sub(1)
                    } else {
                        depth
                    };
                    word.parts.push(Part::Literal(c.to_string()));
                    self.position += 1;
                }
                '\\' => {
                    let escaped: String = self.text[self.position..].iter().take(2).collect();
                    self.position += escaped.chars().count();
                    word.parts.push(Part::Literal(escaped));
                }
                _ => match self.word()? {
                    Some(more) => word.parts.extend(more.parts),
                    None => break,
                },
            }
        }
        Ok((!word.parts.is_empty()).then_some(word))
    }

    fn arithmetic_command(&mut self) -> Parsed<Kind> {
        self.position += 2;
        let word = self.arithmetic("))")?;
        Ok(Kind::Arithmetic(word))
    }

    fn simple_command(&mut self) -> Parsed<Command> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.blanks();
            if let Some(more) = self.redirect()? {
                redirects.extend(more);
                continue;
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            let declares =
                matches!(words.first().map(|word: &Word| word.parts.as_slice()), Some([Part::Literal(name)]) if DECLARING.contains(&name.as_str()));
            if let Some(mut assignment) = self.array_behind(declares)? {
                assignment.keyed =
                    words.iter().any(|word| matches!(word.parts.as_slice(), [Part::Literal(flag)] if flag.starts_with('-') && flag.contains('A')));
                words.push(Word { parts: vec![Part::Literal(assignment.name.clone())] });
                assignments.push(assignment);
                continue;
            }
            let Some(word) = self.word()? else { break };
            words.push(word);
            if let ([word], true) = (words.as_slice(), self.looking_at("(")) {
                let [Part::Literal(name)] = word.parts.as_slice() else { return self.unexpected() };
                let name = name.clone();
                self.position += 1;
                self.close()?;
                let kind = self.function_body(name)?;
                return Ok(Command { kind, redirects });
            }
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return self.unexpected();
        }
        Ok(Command { kind: Kind::Simple { assignments, words }, redirects })
    }

    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let name: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        if !is_name(&name) {
            return Ok(None);
        }
        let begin = self.position;
        self.position += name.chars().count();
        let index = if self.bash && self.peek() == Some('[') { self.subscript()? } else { None };
        let append = self.looking_at("+=");
        if !self.take("+=") && !self.take("=") {
            self.position = begin;
            return Ok(None);
        }
        let array = if self.bash && index.is_none() && self.take("(") { Some(self.elements()?) } else { None };
        let value = if array.is_some() { Word::default() } else { self.word()?.unwrap_or_default() };
        Ok(Some(Assignment { name, index, value, array, keyed: false, append }))
    }

    /// `name=(…)` behind `declare` and its like.
    fn array_behind(&mut self, declares: bool) -> Parsed<Option<Assignment>> {
        let name = self.plain_word();
        let is_array = declares && name.strip_suffix('=').is_some_and(is_name) && self.peek_at(name.chars().count()) == Some('(');
        if is_array { self.assignment() } else { Ok(None) }
    }

    /// What stands between brackets; `None`, and nothing read, where they do not close on the line.
    fn subscript(&mut self) -> Parsed<Option<Word>> {
        let begin = self.position;
        let closes = self.text[begin..].iter().take_while(|c| !"\n;|&".contains(**c)).any(|c| *c == ']');
        if !closes {
            return Ok(None);
        }
        self.position += 1;
        self.brace_word(&[']']).map(|(word, _)| Some(word))
    }

    /// The values of `name=(…)`, from behind the bracket.
    fn elements(&mut self) -> Parsed<Vec<Element>> {
        let mut elements = Vec::new();
        loop {
            self.newlines();
            if self.take(")") {
                return Ok(elements);
            }
            let begin = self.position;
            let mut index = if self.peek() == Some('[') { self.subscript()? } else { None };
            if index.is_some() && !self.take("=") {
                (index, self.position) = (None, begin);
            }
            match self.word()? {
                Some(value) => elements.push(Element { index, value }),
                None if index.is_some() => elements.push(Element { index, value: Word::default() }),
                None if self.peek().is_none() => return Err(ParseError::Incomplete(Missing::Word(")"))),
                None => return self.unexpected(),
            }
        }
    }

    fn redirect(&mut self) -> Parsed<Option<Vec<Redirect>>> {
        let digits: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let after = self.peek_at(digits.len());
        let is_process = self.bash && digits.is_empty() && self.looking_at("<(");
        if is_process || !matches!(after, Some('<' | '>')) && !self.looking_at("&>") {
            return Ok(None);
        }
        let number: Option<u32> = digits.parse().ok();
        self.position += digits.len();
        const OPERATORS: &[(&str, RedirectKind, u32)] = &[
            ("&>", RedirectKind::WriteBoth, 1),
            ("<<<", RedirectKind::HereString, 0),
            ("<<", RedirectKind::Here, 0),
            ("<&", RedirectKind::Duplicate, 0),
            ("<>", RedirectKind::ReadWrite, 0),
            ("<", RedirectKind::Read, 0),
            (">>", RedirectKind::Append, 1),
            (">&", RedirectKind::Duplicate, 1),
            (">|", RedirectKind::Write, 1),
            (">", RedirectKind::Write, 1),
        ];
        let Some((_, kind, usual)) = OPERATORS.iter().find(|(text, ..)| self.take(text)) else { return Ok(None) };
        let fd = number.unwrap_or(*usual);
        if *kind == RedirectKind::Here {
            let target = self.here_document()?;
            return Ok(Some(vec![Redirect { fd, kind: *kind, target }]));
        }
        let append = *kind == RedirectKind::WriteBoth && self.take(">");
        self.blanks();
        let Some(target) = self.word()? else { return self.unexpected() };
        let kind = if append { RedirectKind::Append } else { *kind };
        if kind == RedirectKind::Append && append {
            let both = Redirect { fd: 2, kind: RedirectKind::Duplicate, target: Word { parts: vec![Part::Literal("1".into())] } };
            return Ok(Some(vec![Redirect { fd: 1, kind, target }, both]));
        }
        Ok(Some(vec![Redirect { fd, kind, target }]))
    }

    fn here_document(&mut self) -> Parsed<Word> {
        let strip = self.take("-");
        self.blanks();
        let Some(word) = self.word()? else { return self.unexpected() };
        let quoted = word.parts.iter().any(|part| !matches!(part, Part::Literal(_)));
        let delimiter: String = word
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) | Part::Quoted(text) => text.clone(),
                Part::Double(parts) => {
                    parts.iter().map(|part| if let Part::Literal(text) | Part::Quoted(text) = part { text.as_str() } else { "" }).collect()
                }
                _ => String::new(),
            })
            .collect();
        let line_end = self.text[self.position..].iter().position(|c| *c == '\n').map(|index| self.position + index + 1);
        let mut at = self.resume.or(line_end).ok_or(ParseError::Incomplete(Missing::More))?;
        let mut body = String::new();
        loop {
            if at >= self.text.len() {
                return Err(ParseError::Incomplete(Missing::More));
            }
            let mut line: String = self.text[at..].iter().take_while(|c| **c != '\n').collect();
            at += line.chars().count() + 1;
            if strip {
                line = line.trim_start_matches('\t').to_owned();
            }
            if line == delimiter {
                break;
            }
            body.push_str(&line);
            body.push('\n');
        }
        // The newline that ends the delimiter's line is left for `newline`.
        self.resume = Some(at.min(self.text.len()));
        if quoted { Ok(Word { parts: vec![Part::Quoted(body)] }) } else { parse_quoted(&body, self.bash) }
    }

    /// The word that stands here, if any.
    fn word(&mut self) -> Parsed<Option<Word>> {
        let mut parts: Vec<Part> = Vec::new();
        let mut literal = String::new();
        while let Some(c) = self.peek() {
            let part = match c {
                '<' if self.bash && parts.is_empty() && literal.is_empty() && self.peek_at(1) == Some('(') => {
                    self.position += 2;
                    match self.substitution()? {
                        Part::Command(number, script) => Part::Process(number, script),
                        other => other,
                    }
                }
                ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\\' => {
                    self.position += 1;
                    match self.peek() {
                        None => return Err(ParseError::Incomplete(Missing::More)),
                        Some('\n') => {
                            self.position += 1;
                            continue;
                        }
                        Some(escaped) => {
                            self.position += 1;
                            Part::Quoted(escaped.to_string())
                        }
                    }
                }
                '\'' => {
                    self.position += 1;
                    Part::Quoted(self.until('\'')?)
                }
                '"' => {
                    self.position += 1;
                    let inner = self.double_parts(Some('"'))?;
                    Part::Double(inner)
                }
                '$' if self.peek_at(1) == Some('\'') => {
                    self.position += 2;
                    Part::Quoted(self.ansi_quoted()?)
                }
                '$' | '`' => match self.dollar()? {
                    Some(part) => part,
                    None => {
                        literal.push(c);
                        self.position += 1;
                        continue;
                    }
                },
                _ => {
                    literal.push(c);
                    self.position += 1;
                    continue;
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok((!parts.is_empty()).then_some(Word { parts }))
    }

    fn until(&mut self, end: char) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(ParseError::Incomplete(Missing::Quote(end))),
                Some(c) => {
                    self.position += 1;
                    if c == end {
                        return Ok(text);
                    }
                    text.push(c);
                }
            }
        }
    }

    fn ansi_quoted(&mut self) -> Parsed<String> {
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(ParseError::Incomplete(Missing::More)) };
            self.position += 1;
            match c {
                '\'' => return Ok(text),
                '\\' => {
                    let escaped = self.peek().ok_or(ParseError::Incomplete(Missing::More))?;
                    self.position += 1;
                    text.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'e' => '\u{1b}',
                        '0' => '\0',
                        other => other,
                    });
                }
                other => text.push(other),
            }
        }
    }

    /// The inside of double quotes, up to `end`, or of a here-document, up to the end of the text.
    fn double_parts(&mut self, end: Option<char>) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let Some(c) = self.peek() else {
                if let Some(end) = end {
                    return Err(ParseError::Incomplete(Missing::Quote(end)));
                }
                break;
            };
            if Some(c) == end {
                self.position += 1;
                break;
            }
            if c == '\\' {
                self.position += 1;
                match self.peek() {
                    Some('\n') => self.position += 1,
                    Some(escaped) if "$`\\".contains(escaped) || (escaped == '"' && end.is_some()) => {
                        literal.push(escaped);
                        self.position += 1;
                    }
                    _ => literal.push('\\'),
                }
                continue;
            }
            let part = if c == '$' || c == '`' { self.dollar()? } else { None };
            match part {
                Some(part) => {
                    if !literal.is_empty() {
                        parts.push(Part::Quoted(std::mem::take(&mut literal)));
                    }
                    parts.push(part);
                }
                None => {
                    literal.push(c);
                    self.position += 1;
                }
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Quoted(literal));
        }
        Ok(parts)
    }

    /// An expansion that begins with `$` or a backquote; `None` where it is only the character.
    fn dollar(&mut self) -> Parsed<Option<Part>> {
        if self.peek() == Some('`') {
            self.position += 1;
            return self.backquoted().map(Some).map_err(|error| error.lacking('`'));
        }
        match self.peek_at(1) {
            Some('(') if self.peek_at(2) == Some('(') => {
                let before = self.position;
                self.position += 3;
                match self.arithmetic("))") {
                    Ok(word) => Ok(Some(Part::Arithmetic(word))),
                    Err(error @ ParseError::Incomplete(_)) => Err(error.lacking(')')),
                    Err(_) => {
                        // `$((a) | b)` is a command after all.
                        self.position = before + 2;
                        self.substitution().map(Some)
                    }
                }
            }
            Some('(') => {
                self.position += 2;
                self.substitution().map(Some)
            }
            Some('{') => {
                self.position += 2;
                self.braced().map(|parameter| Some(Part::Parameter(parameter))).map_err(|error| error.lacking('}'))
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                self.position += 1;
                let name: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
                self.position += name.len();
                Ok(Some(Part::Parameter(Parameter { name, index: None, operation: Operation::Plain })))
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.position += 2;
                Ok(Some(Part::Parameter(Parameter { name: c.to_string(), index: None, operation: Operation::Plain })))
            }
            _ => Ok(None),
        }
    }

    fn number(&mut self) -> u32 {
        self.commands += 1;
        self.commands
    }

    fn substitution(&mut self) -> Parsed<Part> {
        let resume = self.resume.take();
        let script = self.script(&[])?;
        self.close()?;
        self.resume = self.resume.take().or(resume);
        let number = self.number();
        Ok(Part::Command(number, Rc::new(script)))
    }

    fn backquoted(&mut self) -> Parsed<Part> {
        let mut inner = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(ParseError::Incomplete(Missing::More)) };
            self.position += 1;
            match c {
                '`' => break,
                '\\' if self.peek().is_some_and(|next| "`\\$".contains(next)) => {
                    inner.extend(self.peek());
                    self.position += 1;
                }
                other => inner.push(other),
            }
        }
        let script = parse(&inner, self.bash)?;
        let number = self.number();
        Ok(Part::Command(number, Rc::new(script)))
    }

    /// An arithmetic expression up to its `))`, or up to a `;`.
    fn arithmetic(&mut self, end: &str) -> Parsed<Word> {
        let (mut depth, mut parts, mut literal) = (0_usize, Vec::new(), String::new());
        loop {
            let Some(c) = self.peek() else { return Err(ParseError::Incomplete(Missing::More)) };
            match c {
                '(' => depth += 1,
                ';' if depth == 0 && end == ";" => {
                    self.position += 1;
                    break;
                }
                ')' if depth == 0 => {
                    if self.peek_at(1) == Some(')') && end == "))" {
                        self.position += 2;
                        break;
                    }
                    return if self.peek_at(1).is_none() {
                        Err(ParseError::Incomplete(Missing::More))
                    } else {
                        Err(ParseError::Unexpected(")".into()))
                    };
                }
                ')' => depth -= 1,
                '$' | '`' => {
                    if let Some(part) = self.dollar()? {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                        parts.push(part);
                        continue;
                    }
                }
                _ => {}
            }
            literal.push(c);
            self.position += 1;
        }
        parts.push(Part::Literal(literal));
        Ok(Word { parts })
    }

    /// The inside of `${…}`.
    fn braced(&mut self) -> Parsed<Parameter> {
        let length = self.peek() == Some('#') && self.peek_at(1).is_some_and(|c| c != '}');
        if length {
            self.position += 1;
        }
        let indirect = self.bash && self.peek() == Some('!') && self.peek_at(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if indirect {
            self.position += 1;
        }
        let mut name: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        if name.is_empty() {
            name.extend(self.peek().filter(|c| "@*#?$!-".contains(*c)));
        }
        if name.is_empty() {
            return if self.peek().is_none() { Err(ParseError::Incomplete(Missing::More)) } else { Err(ParseError::Unexpected("${".into())) };
        }
        self.position += name.chars().count();
        let index = if self.bash && is_name(&name) && self.peek() == Some('[') { self.subscript()? } else { None };
        if length || indirect {
            self.closing_brace()?;
            let operation = match index {
                _ if length => Operation::Length,
                Some(_) => Operation::Keys,
                None => Operation::Indirect,
            };
            return Ok(Parameter { name, index, operation });
        }
        let operation = self.operation()?;
        Ok(Parameter { name, index, operation })
    }

    fn closing_brace(&mut self) -> Parsed<()> {
        match self.peek() {
            None => Err(ParseError::Incomplete(Missing::More)),
            Some('}') => {
                self.position += 1;
                Ok(())
            }
            Some(_) => Err(ParseError::Unexpected("}".into())),
        }
    }

    fn operation(&mut self) -> Parsed<Operation> {
        let colon = self.peek() == Some(':') && self.peek_at(1).is_some_and(|c| "-=?+".contains(c));
        if colon {
            self.position += 1;
        }
        let Some(operator) = self.peek() else { return Err(ParseError::Incomplete(Missing::More)) };
        self.position += 1;
        Ok(match operator {
            '}' => Operation::Plain,
            '-' | '=' | '?' | '+' => {
                let word = self.brace_word(&['}'])?.0;
                Operation::Alternative { operator, colon, word }
            }
            '#' | '%' => {
                let longest = self.take(&operator.to_string());
                let pattern = self.brace_word(&['}'])?.0;
                Operation::Trim { suffix: operator == '%', longest, pattern }
            }
            '/' => {
                let all = self.take("/");
                let (pattern, end) = self.brace_word(&['/', '}'])?;
                let with = if end == '/' { self.brace_word(&['}'])?.0 } else { Word::default() };
                Operation::Replace { all, pattern, with }
            }
            ':' => {
                let (offset, end) = self.brace_word(&[':', '}'])?;
                let length = if end == ':' { Some(self.brace_word(&['}'])?.0) } else { None };
                Operation::Slice { offset, length }
            }
            '^' | ',' => {
                let all = self.take(&operator.to_string());
                self.closing_brace()?;
                Operation::Case { upper: operator == '^', all }
            }
            _ => return Err(ParseError::Unexpected("}".into())),
        })
    }

    /// A word inside `${…}` up to one of the ends, and which end it was.
    fn brace_word(&mut self, ends: &[char]) -> Parsed<(Word, char)> {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        loop {
            let Some(c) = self.peek() else { return Err(ParseError::Incomplete(Missing::More)) };
            let part = match c {
                _ if ends.contains(&c) => {
                    self.position += 1;
                    if !literal.is_empty() {
                        parts.push(Part::Literal(literal));
                    }
                    return Ok((Word { parts }, c));
                }
                '\'' => {
                    self.position += 1;
                    Some(Part::Quoted(self.until('\'')?))
                }
                '"' => {
                    self.position += 1;
                    Some(Part::Double(self.double_parts(Some('"'))?))
                }
                '\\' => {
                    self.position += 1;
                    let escaped = self.peek().ok_or(ParseError::Incomplete(Missing::More))?;
                    self.position += 1;
                    Some(Part::Quoted(escaped.to_string()))
                }
                '$' | '`' => self.dollar()?,
                _ => None,
            };
            match part {
                Some(part) => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(part);
                }
                None => {
                    literal.push(c);
                    self.position += 1;
                }
            }
        }
    }
}

/// Whether a text can name a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The scripts that a word's expansion must run first, with their numbers, in order.
pub fn substitutions<'a>(word: &'a Word, found: &mut Vec<(u32, &'a Rc<Script>)>) {
    for part in &word.parts {
        part_substitutions(part, found);
    }
}

fn part_substitutions<'a>(part: &'a Part, found: &mut Vec<(u32, &'a Rc<Script>)>) {
    match part {
        Part::Literal(_) | Part::Quoted(_) => {}
        Part::Double(parts) => parts.iter().for_each(|part| part_substitutions(part, found)),
        Part::Command(number, script) | Part::Process(number, script) => found.push((*number, script)),
        Part::Arithmetic(word) => substitutions(word, found),
        Part::Parameter(parameter) => {
            parameter.index.iter().for_each(|word| substitutions(word, found));
            operation_substitutions(&parameter.operation, found);
        }
    }
}

fn operation_substitutions<'a>(operation: &'a Operation, found: &mut Vec<(u32, &'a Rc<Script>)>) {
    match operation {
        Operation::Plain | Operation::Length | Operation::Keys | Operation::Indirect | Operation::Case { .. } => {}
        Operation::Alternative { word, .. } => substitutions(word, found),
        Operation::Trim { pattern, .. } => substitutions(pattern, found),
        Operation::Replace { pattern, with, .. } => {
            substitutions(pattern, found);
            substitutions(with, found);
        }
        Operation::Slice { offset, length } => {
            substitutions(offset, found);
            length.iter().for_each(|word| substitutions(word, found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_incomplete_and_wrong() {
        for text in [
            "echo a | b && c || d; e &",
            "if a; then b; elif c; then d; else e; fi",
            "for i in 0 1 2; do echo \"$i\"; done",
            "case $x in a|b) c;; *) d; esac",
            "cat <<EOF | kubectl apply -f -\nkind: x\n$y\nEOF\n",
            "f() { echo $1; }; f a 2>&1 >/dev/null",
            "x=$(echo `echo a` $((1 + (2 * 3)))) ; echo ${x:-y} ${x%%.*} ${#x} ${x/a/b} ${x:1:2}",
            "while read a; do echo $a; done < f > g",
            "[[ -f x && $a == b* ]] && (( i++ ))",
            "echo 'a b' \"c $d\" e\\ f # comment",
            "{ a; b; } 2>/dev/null",
            "a=(x \"y z\" [7]=w); a[1]=b; a+=(c); declare -A m=([k]=v); echo ${a[@]} ${#a[@]} ${!m[@]}",
            "for ((i=0; i<3; i++)); do echo $i; done < <(ls)",
            "[[ $x =~ ^(a|b)[0-9]+$ ]]",
        ] {
            assert!(parse(text, true).is_ok(), "{text}: {:?}", parse(text, true));
        }
        for text in ["echo 'a", "if a", "for i in 1; do", "cat <<EOF\nx", "a &&", "a |", "echo $(b", "{ a;", "echo \\"] {
            assert!(matches!(parse(text, true), Err(ParseError::Incomplete(_))), "{text}");
        }
        for (text, token) in [("a )", ")"), ("; a", ";"), ("a ;; b", ";;"), ("if; then a; fi", ";"), ("fi", "fi"), ("a | | b", "|")] {
            assert_eq!(parse(text, true), Err(ParseError::Unexpected(token.into())), "{text}");
        }
    }
}
