//! Text files in pieces, so that a list of any length can be gone through.

use std::fs::File;
use std::io::{ErrorKind, Read};

use crate::failure::Failure;
use crate::parquet;

/// Bytes that a piece has at least, where there are so many.
const PIECE: usize = 4 << 20;

/// The text of a file, or of standard input for `-`, in pieces of whole lines.
///
/// A piece ends where no bracket and no quotation mark is open, so that neither
/// a cell nor an architecture over several lines is torn. A Parquet file comes
/// as JSON lines.
pub(crate) struct Pieces {
    reader: Box<dyn Read>,
    shown: String,
    /// What was read and not handed out.
    rest: Vec<u8>,
    /// How many bytes were handed out.
    gone: usize,
    ended: bool,
}

impl Pieces {
    /// Opens a file.
    pub(crate) fn open(path: &str) -> Result<Self, Failure> {
        let (reader, shown): (Box<dyn Read>, _) = match path {
            "-" => (Box::new(std::io::stdin()), "standard input"),
            _ if parquet::is_parquet(path) => (Box::new(parquet::as_json_lines(path)?), path),
            _ => {
                let file = File::open(path).map_err(|e| Failure::file("read", path, &e))?;
                (Box::new(file), path)
            }
        };
        Ok(Self {
            reader,
            shown: shown.to_owned(),
            rest: Vec::new(),
            gone: 0,
            ended: false,
        })
    }

    /// The next piece; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<String>, Failure> {
        let mut state = Nesting::default();
        let (mut seen, mut cut) = (0, None);
        loop {
            for (i, &byte) in self.rest[seen..].iter().enumerate() {
                state.take(byte);
                if byte == b'\n' && state.is_closed() {
                    cut = Some(seen + i + 1);
                }
            }
            seen = self.rest.len();
            if self.ended {
                cut = Some(seen);
            }
            if let Some(cut) = cut.filter(|&cut| cut >= PIECE || self.ended) {
                return self.take(cut);
            }
            self.read()?;
        }
    }

    /// All that is left.
    pub(crate) fn whole(mut self) -> Result<String, Failure> {
        while !self.ended {
            self.read()?;
        }
        let length = self.rest.len();
        Ok(self.take(length)?.unwrap_or_default())
    }

    fn read(&mut self) -> Result<(), Failure> {
        let before = self.rest.len();
        self.rest.resize(before + PIECE, 0);
        let mut length = before;
        while length < self.rest.len() && !self.ended {
            match self.reader.read(&mut self.rest[length..]) {
                Ok(0) => self.ended = true,
                Ok(more) => length += more,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Failure::file("read", &self.shown, &e)),
            }
        }
        self.rest.truncate(length);
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<Option<String>, Failure> {
        if length == 0 {
            return Ok(None);
        }
        let left = self.rest.split_off(length);
        let bytes = std::mem::replace(&mut self.rest, left);
        let text = String::from_utf8(bytes).map_err(|e| {
            let at = self.gone + e.utf8_error().valid_up_to();
            Failure::new(
                format!("{} is not text: byte {} is not UTF-8", self.shown, at + 1),
                "give an uncompressed text file in UTF-8, or Parquet",
            )
        })?;
        self.gone += length;
        Ok(Some(text))
    }
}

/// What is open at a place of a text.
#[derive(Default)]
struct Nesting {
    depth: usize,
    quoted: bool,
}

impl Nesting {
    fn take(&mut self, byte: u8) {
        match byte {
            b'"' => self.quoted = !self.quoted,
            _ if self.quoted => {}
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn is_closed(&self) -> bool {
        self.depth == 0 && !self.quoted
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let mut pieces = Pieces {
            reader: Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
            shown: String::new(),
            rest: Vec::new(),
            gone: 0,
            ended: false,
        };
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            all.push(piece);
        }
        all
    }

    #[test]
    fn a_long_list_comes_in_pieces_of_whole_lines() {
        let text: String = (0..1_000_000)
            .map(|i| format!("|conv~{i}|none~1|\n"))
            .collect();
        let all = pieces(&text);
        assert!(all.len() > 1);
        assert!(all.iter().all(|piece| piece.ends_with('\n')));
        assert_eq!(all.concat(), text);
    }

    #[test]
    fn neither_cells_nor_brackets_nor_a_json_array_are_torn() {
        let cell = format!("\"{}\",1\n", "a\n".repeat(PIECE));
        assert_eq!(pieces(&cell.repeat(2)), [cell.as_str(), cell.as_str()]);
        let array = format!("[{}1]", "1,\n".repeat(2 * PIECE));
        assert_eq!(pieces(&array).len(), 1);
        assert_eq!(pieces("one line"), ["one line"]);
        assert!(pieces("").is_empty());
    }
}
