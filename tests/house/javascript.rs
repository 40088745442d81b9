//! The imports of JavaScript files: `import … from`, `export … from`, `import '…'`, `import('…')`
//! with a literal, and `new URL('…', import.meta.url)`, which starts workers.
//!
//! Types (`import('…')` in a comment, `.d.ts` files) are no arrows.

use crate::Files;
use crate::arrows::Use;
use crate::tokens::{Kind, Language, Token, tokens};

/// What every JavaScript file takes from another by a relative address.
pub(crate) fn uses(files: &Files) -> Vec<Use> {
    let sources = files.iter().filter(|(path, _)| is_script(path));
    sources
        .flat_map(|(path, text)| imports(path, text))
        .collect()
}

/// Whether a file is JavaScript.
pub(crate) fn is_script(path: &str) -> bool {
    path.ends_with(".js") || path.ends_with(".mjs")
}

fn imports(path: &str, text: &str) -> Vec<Use> {
    let tokens = tokens(text, Language::JavaScript);
    let found = (0..tokens.len()).filter_map(|at| address(&tokens[at..]));
    let relative = found.filter(|token| token.text.starts_with('.'));
    relative
        .map(|token| Use {
            from: path.to_owned(),
            to: joined(path, &token.text),
            line: token.line,
            name: token.text.clone(),
            whole: false,
        })
        .collect()
}

/// The address that an import at the start of these tokens names.
fn address(tokens: &[Token]) -> Option<&Token> {
    let starts = |words: &[&str]| {
        let mut pairs = tokens.iter().zip(words);
        tokens.len() > words.len() && pairs.all(|(token, word)| token.is(word))
    };
    let text = |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Text);
    if starts(&["from"]) || starts(&["import"]) && text(1).is_some() {
        return text(1);
    }
    if starts(&["import", "("]) {
        return text(2);
    }
    let base = [",", "import", ".", "meta", ".", "url"];
    let own = base
        .iter()
        .zip(tokens.get(3..)?)
        .all(|(word, token)| token.is(word));
    text(2).filter(|token| starts(&["URL", "("]) && own && is_script(&token.text))
}

/// A relative address beside a file, as a path from the root.
fn joined(path: &str, address: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}
