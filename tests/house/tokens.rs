//! Source text → words, marks and strings with their lines. Comments are left out.
//!
//! Not `syn`: it tells lines only with a feature of `proc-macro2` that tests alone would turn on,
//! and Burn, which rests on `proc-macro2`, would be compiled twice for it.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    JavaScript,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword or a number.
    Word,
    /// A character of its own; `::` is one mark.
    Mark,
    /// A string, as it is written between its quotes.
    Text,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    /// Whether it is this word or mark, and no string.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// All tokens of a source file.
pub(crate) fn tokens(source: &str, language: Language) -> Vec<Token> {
    let mut reader = Reader {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        language,
        found: Vec::new(),
        templates: Vec::new(),
    };
    while let Some(c) = reader.peek(0) {
        reader.read(c);
    }
    reader.found
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    language: Language,
    found: Vec<Token>,
    /// Open braces inside each template string that is open (JavaScript).
    templates: Vec<usize>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(i, c)| self.peek(i) == Some(c))
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == Some('\n'));
            self.at += 1;
        }
    }

    /// Skips to a text and over it; to the end where it does not come.
    fn skip_past(&mut self, end: &str) {
        while self.at < self.chars.len() && !self.starts(end) {
            self.skip(1);
        }
        self.skip(end.chars().count());
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.found.push(Token { kind, text, line });
    }

    fn read(&mut self, c: char) {
        let rust = self.language == Language::Rust;
        match c {
            _ if c.is_whitespace() => self.skip(1),
            '/' if self.starts("//") => self.skip_past("\n"),
            '/' if self.starts("/*") => self.comment(),
            '/' if !rust && self.may_be_pattern() => self.pattern(),
            '"' => self.string('"'),
            '\'' if rust => self.quote(),
            '\'' => self.string('\''),
            '`' if !rust => self.template(),
            '{' | '}' if !self.templates.is_empty() => self.brace(c),
            ':' if rust && self.starts("::") => {
                self.push(Kind::Mark, "::".to_owned(), self.line);
                self.skip(2);
            }
            _ if is_word(c) => self.word(),
            _ => {
                self.push(Kind::Mark, c.to_string(), self.line);
                self.skip(1);
            }
        }
    }

    fn comment(&mut self) {
        let mut open = 0;
        loop {
            if self.starts("*/") {
                open -= 1;
                self.skip(2);
            } else if self.starts("/*") {
                open = if self.language == Language::Rust {
                    open + 1
                } else {
                    1
                };
                self.skip(2);
            } else {
                self.skip(1);
            }
            if open == 0 || self.at >= self.chars.len() {
                return;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        let raw = self.language == Language::Rust && matches!(word.as_str(), "r" | "br" | "cr");
        if raw && matches!(self.peek(0), Some('"' | '#')) {
            let marks = (0..).take_while(|&i| self.peek(i) == Some('#')).count();
            self.skip(marks);
            // Otherwise a raw name: `r#type`.
            if self.peek(0) == Some('"') {
                let line = self.line;
                self.skip(1);
                self.skip_past(&format!("\"{}", "#".repeat(marks)));
                self.push(Kind::Text, String::new(), line);
            }
        } else {
            self.push(Kind::Word, word, self.line);
        }
    }

    /// A string with escapes; one of JavaScript ends with its line at the latest.
    fn string(&mut self, close: char) {
        let line = self.line;
        self.skip(1);
        let start = self.at;
        while let Some(c) = self.peek(0) {
            if c == close || (c == '\n' && self.language == Language::JavaScript) {
                break;
            }
            self.skip(if c == '\\' { 2 } else { 1 });
        }
        let end = self.at.min(self.chars.len());
        let text = self.chars[start..end].iter().collect();
        self.push(Kind::Text, text, line);
        self.skip(1);
    }

    /// A character, or a lifetime.
    fn quote(&mut self) {
        if self.peek(1) == Some('\\') {
            self.skip(3);
            self.skip_past("'");
        } else if self.peek(2) == Some('\'') {
            self.skip(3);
        } else {
            self.skip(1);
            while self.peek(0).is_some_and(is_word) {
                self.skip(1);
            }
        }
    }

    /// A template string from its start, or from the end of an expression in it,
    /// up to the next expression or its end.
    fn template(&mut self) {
        self.skip(1);
        while let Some(c) = self.peek(0) {
            if c == '`' {
                self.push(Kind::Text, String::new(), self.line);
                self.skip(1);
                return;
            }
            if self.starts("${") {
                self.templates.push(0);
                self.skip(2);
                return;
            }
            self.skip(if c == '\\' { 2 } else { 1 });
        }
    }

    /// A brace inside an expression of a template string.
    fn brace(&mut self, c: char) {
        let open = self.templates.pop().unwrap_or(0);
        match (c, open) {
            ('}', 0) => return self.template(),
            ('}', _) => self.templates.push(open - 1),
            _ => self.templates.push(open + 1),
        }
        self.push(Kind::Mark, c.to_string(), self.line);
        self.skip(1);
    }

    /// Whether a slash starts a regular expression: it divides after a value.
    fn may_be_pattern(&self) -> bool {
        self.found.last().is_none_or(|before| match before.kind {
            Kind::Text => false,
            Kind::Word => matches!(
                before.text.as_str(),
                "return" | "typeof" | "case" | "of" | "in"
            ),
            Kind::Mark => !matches!(before.text.as_str(), ")" | "]" | "}"),
        })
    }

    fn pattern(&mut self) {
        self.skip(1);
        let mut class = false;
        while let Some(c) = self.peek(0).filter(|&c| c != '\n' && (c != '/' || class)) {
            class = (class || c == '[') && c != ']';
            self.skip(if c == '\\' { 2 } else { 1 });
        }
        self.push(Kind::Text, String::new(), self.line);
        self.skip(1);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
