//! The name that was meant, for messages about one that does not exist.

/// The known word nearest to a misspelt one, where one is near: at most a
/// third of its characters differ, or it is the beginning of the name.
pub(crate) fn nearest(word: &str, known: &[&str]) -> Option<String> {
    /// No name is longer; a longer text is no misspelt name.
    const LONGEST: usize = 64;
    let plain = word.trim().to_lowercase().replace('×', "x");
    if plain.is_empty() || plain.chars().count() > LONGEST {
        return None;
    }
    let distance = |name: &&str| strsim::osa_distance(&plain, &name.to_lowercase());
    let best = known.iter().copied().min_by_key(distance)?;
    let near = 3 * distance(&best) <= best.chars().count();
    // `conv3x3` for `conv3x3-bn-relu`.
    let shortened = |name: &&&str| plain.len() > 3 && name.to_lowercase().starts_with(&plain);
    match near {
        true => Some(best.to_owned()),
        false => known.iter().find(shortened).map(|name| (*name).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_where_one_is_near() {
        let known = ["none", "sep_conv_3x3", "sep_conv_5x5", "nor_conv_3x3"];
        let cases = [
            ("sep_conv_3×3", Some("sep_conv_3x3")),
            ("nor_conv3x3", Some("nor_conv_3x3")),
            ("SEP_CONV_5x5", Some("sep_conv_5x5")),
            ("None", Some("none")),
            ("", None),
            ("attention", None),
            ("nor_c", Some("nor_conv_3x3")),
        ];
        for (word, right) in cases {
            assert_eq!(nearest(word, &known).as_deref(), right, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), &known), None);
        assert_eq!(nearest("none", &[]), None);
    }
}
