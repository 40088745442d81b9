//! A plain list: one architecture a line, or over several lines as long as
//! brackets are open.

/// A statement longer than this is no architecture: its lines stand alone.
const MOST_LINES: usize = 200;

/// The architectures of a plain text, each with its first line's number.
/// Empty lines, and lines that begin with `#`, are left out.
pub(super) fn statements(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let number = at + 1;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            at += 1;
            continue;
        }
        let end = end(&lines, at);
        let whole = if end == at + 1 {
            trimmed.to_owned()
        } else {
            lines[at..end].join("\n").trim().to_owned()
        };
        found.push((number, whole));
        at = end;
    }
    found
}

/// The line after the statement that begins at `start`.
fn end(lines: &[&str], start: usize) -> usize {
    let mut open = 0_i64;
    for (i, line) in lines[start..].iter().enumerate().take(MOST_LINES) {
        open += depth(line);
        if open <= 0 {
            return start + i + 1;
        }
    }
    start + 1
}

/// How many more brackets a line opens than it closes, outside of quotation
/// marks and comments.
fn depth(line: &str) -> i64 {
    let mut quoted = None;
    let mut depth = 0;
    for c in line.chars() {
        match (quoted, c) {
            (Some(mark), _) if mark == c => quoted = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quoted = Some(c),
            (None, '#') => break,
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_belong_together_while_brackets_are_open() {
        let text =
            "# a list\na\n\nModelSpec(  # a comment (\n  ops=['(', 1],\n)\nb\n(never\nclosed\n";
        let found = statements(text);
        let right = [
            (2, "a"),
            (4, "ModelSpec(  # a comment (\n  ops=['(', 1],\n)"),
            (7, "b"),
            (8, "(never"),
            (9, "closed"),
        ];
        assert_eq!(found, right.map(|(n, t)| (n, t.to_owned())));
    }
}
