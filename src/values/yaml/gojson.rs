//! JSON text -> tree with the error texts of Go's encoding/json.

use crate::values::object::Value;

/// What Go's decoder says of a text that is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// How many bytes were read, the wrong one included.
    pub offset: usize,
    /// Such as `invalid character '}' looking for beginning of value`, or `unexpected EOF`.
    pub message: String,
}

impl JsonError {
    /// As apimachinery's stream decoder tells it; `before` bytes of the stream lie before this value.
    pub fn decoder_text(&self, before: usize) -> String {
        if self.message == "unexpected EOF" { self.message.clone() } else { format!("json: offset {}: {}", before + self.offset, self.message) }
    }
}

/// Nesting that serde_json accepts too.
const MAX_DEPTH: usize = 120;

/// Reads the value at the beginning of a text; returns it with its length in bytes.
/// # Errors
/// What Go would say.
pub fn parse_json(text: &str) -> Result<(Value, usize), JsonError> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match stream.next() {
        Some(Ok(value)) => Ok((value, stream.byte_offset())),
        _ => {
            let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
            let message = scan.value(0).err().unwrap_or_else(|| "unexpected EOF".to_owned());
            Err(JsonError { offset: scan.at, message })
        }
    }
}

/// Finds the first mistake. Models encoding/json scanner.go.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn quote(c: u8) -> String {
    match c {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0..=31 | 127 => format!("'\\x{c:02x}'"),
        c => format!("'{}'", c as char),
    }
}

impl Scan<'_> {
    fn next(&mut self) -> Result<u8, String> {
        let c = self.bytes.get(self.at).copied().ok_or_else(|| "unexpected EOF".to_owned())?;
        self.at += 1;
        Ok(c)
    }

    fn next_solid(&mut self) -> Result<u8, String> {
        loop {
            let c = self.next()?;
            if !b" \t\r\n".contains(&c) {
                return Ok(c);
            }
        }
    }

    fn wrong<T>(c: u8, context: &str) -> Result<T, String> {
        Err(format!("invalid character {} {context}", quote(c)))
    }

    fn value(&mut self, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let c = self.next_solid()?;
        match c {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number(c),
            _ => Scan::wrong(c, "looking for beginning of value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), String> {
        let mut first = true;
        loop {
            match self.next_solid()? {
                b'"' => self.string()?,
                b'}' if first => return Ok(()),
                c => return Scan::wrong(c, "looking for beginning of object key string"),
            }
            first = false;
            match self.next_solid()? {
                b':' => self.value(depth + 1)?,
                c => return Scan::wrong(c, "after object key"),
            }
            match self.next_solid()? {
                b',' => {}
                b'}' => return Ok(()),
                c => return Scan::wrong(c, "after object key:value pair"),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), String> {
        if self.next_solid()? == b']' {
            return Ok(());
        }
        self.at -= 1;
        loop {
            self.value(depth + 1)?;
            match self.next_solid()? {
                b',' => {}
                b']' => return Ok(()),
                c => return Scan::wrong(c, "after array element"),
            }
        }
    }

    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => match self.next()? {
                    b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
                    b'u' => {
                        for _ in 0..4 {
                            let c = self.next()?;
                            if !c.is_ascii_hexdigit() {
                                return Scan::wrong(c, r"in \u hexadecimal character escape");
                            }
                        }
                    }
                    c => return Scan::wrong(c, "in string escape code"),
                },
                c if c < 0x20 => return Scan::wrong(c, "in string literal"),
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes().skip(1) {
            let c = self.next()?;
            if c != expected {
                return Scan::wrong(c, &format!("in literal {word} (expecting {})", quote(expected)));
            }
        }
        Ok(())
    }

    fn number(&mut self, first: u8) -> Result<(), String> {
        if first == b'-' {
            let c = self.next()?;
            if !c.is_ascii_digit() {
                return Scan::wrong(c, "in numeric literal");
            }
        }
        while self.bytes.get(self.at).is_some_and(|c| c.is_ascii_digit() || b".eE+-".contains(c)) {
            self.at += 1;
        }
        Ok(())
    }
}
