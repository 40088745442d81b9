//! What can be chosen in an architecture.

use crate::error::{Error, Result};

/// Something that can be chosen in an architecture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Choice {
    /// What is chosen, in a word or two, unique in its group.
    pub name: String,
    /// What it belongs to: `normal`, `reduce`, `stage 1`, `layer 3`.
    pub group: String,
    /// What is chosen now.
    pub value: String,
    /// All that may be chosen with everything else as it is, `value` among them.
    pub values: Vec<String>,
    /// Source and target, where it is what an edge of a cell's graph does.
    pub edge: Option<(usize, usize)>,
}

impl Choice {
    /// A choice that is not about an edge.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is printed may be a number or a text at hand"
    )]
    pub(super) fn new(
        group: impl Into<String>,
        name: impl Into<String>,
        value: impl ToString,
        values: impl IntoIterator<Item: ToString>,
    ) -> Self {
        Self {
            name: name.into(),
            group: group.into(),
            value: value.to_string(),
            values: values.into_iter().map(|v| v.to_string()).collect(),
            edge: None,
        }
    }

    /// The same about an edge.
    pub(super) fn on(self, edge: (usize, usize)) -> Self {
        Self {
            edge: Some(edge),
            ..self
        }
    }
}

/// Checks that `value` may be chosen at `index`.
pub(super) fn check(choices: &[Choice], index: usize, value: &str) -> Result<()> {
    let Some(choice) = choices.get(index) else {
        let expected = format!("a number below {}, the number of choices", choices.len());
        return Err(Error::option("choice", &index.to_string(), expected));
    };
    if choice.values.iter().any(|v| v == value) {
        return Ok(());
    }
    let name = format!("{} {}", choice.group, choice.name);
    let expected = format!("one of: {}", choice.values.join(", "));
    Err(Error::option(&name, value, expected))
}
