//! Genotypes that go by a name, as their authors' programs have them.

use super::genotype::Genotype;
use crate::error::{Error, Result};

/// DARTS, first order (Liu et al., 2019).
pub(super) const DARTS_V1: &str = "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])";
/// DARTS, second order.
pub(super) const DARTS_V2: &str = "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])";
/// PC-DARTS (Xu et al., 2020), searched on CIFAR-10.
pub(super) const PC_DARTS_CIFAR: &str = "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 0), ('dil_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], normal_concat=range(2, 6), reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), ('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=range(2, 6))";
/// PC-DARTS, searched on ImageNet.
const PC_DARTS_IMAGE: &str = "Genotype(normal=[('skip_connect', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 0), ('skip_connect', 1), ('sep_conv_3x3', 1), ('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('dil_conv_5x5', 4)], normal_concat=[2, 3, 4, 5], reduce=[('sep_conv_3x3', 0), ('skip_connect', 1), ('dil_conv_5x5', 2), ('max_pool_3x3', 1), ('sep_conv_3x3', 2), ('sep_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 3)], reduce_concat=[2, 3, 4, 5])";
/// P-DARTS (Chen et al., 2019).
pub(super) const P_DARTS: &str = r#"{"normal": [["skip_connect", 0], ["dil_conv_3x3", 1], ["skip_connect", 0], ["sep_conv_3x3", 1], ["sep_conv_3x3", 1], ["sep_conv_3x3", 3], ["sep_conv_3x3", 0], ["dil_conv_5x5", 4]], "normal_concat": [2, 3, 4, 5], "reduce": [["avg_pool_3x3", 0], ["sep_conv_5x5", 1], ["sep_conv_3x3", 0], ["dil_conv_5x5", 2], ["max_pool_3x3", 0], ["dil_conv_3x3", 1], ["dil_conv_3x3", 1], ["dil_conv_5x5", 3]], "reduce_concat": [2, 3, 4, 5]}"#;
/// NASNet-A (Zoph et al., 2018), as DARTS writes it.
const NASNET: &str = "Genotype(normal=[('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_3x3', 0), ('avg_pool_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), ('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 1)], normal_concat=[2, 3, 4, 5, 6], reduce=[('sep_conv_5x5', 1), ('sep_conv_7x7', 0), ('max_pool_3x3', 1), ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 3), ('avg_pool_3x3', 2), ('sep_conv_3x3', 2), ('max_pool_3x3', 1)], reduce_concat=[4, 5, 6])";
/// AmoebaNet-A (Real et al., 2019), as DARTS writes it.
const AMOEBANET: &str = "Genotype(normal=[('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), ('skip_connect', 1), ('skip_connect', 0), ('avg_pool_3x3', 1)], normal_concat=[4, 5, 6], reduce=[('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_7x7', 2), ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('conv_7x1_1x7', 0), ('sep_conv_3x3', 5)], reduce_concat=[3, 4, 6])";

/// Each name with its genotype. Where several names mean one, the first is its own.
const NAMED: [(&str, &str); 10] = [
    ("DARTS_V1", DARTS_V1),
    ("DARTS_V2", DARTS_V2),
    ("DARTS", DARTS_V2),
    ("PC_DARTS_cifar", PC_DARTS_CIFAR),
    ("PCDARTS", PC_DARTS_CIFAR),
    ("PC_DARTS_image", PC_DARTS_IMAGE),
    ("PDARTS", P_DARTS),
    ("NASNet", NASNET),
    ("AmoebaNet", AMOEBANET),
    ("AmoebaNet-A", AMOEBANET),
];

/// Letters and digits alone, small: `PC-DARTS` is `PCDARTS`.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

/// Reads a genotype, or the name of one, and says which that is.
pub(super) fn read(text: &str) -> Result<(Genotype, Option<String>)> {
    let word = text.trim();
    let is_name = |c: char| c.is_alphanumeric() || "_- .".contains(c);
    if word.is_empty() || !word.chars().all(is_name) {
        return Ok((text.parse()?, None));
    }
    // `genotypes.DARTS_V2`, as a program names it.
    let name = word.rsplit('.').next().unwrap_or(word);
    if let Some((own, genotype)) = NAMED.iter().find(|(own, _)| plain(own) == plain(name)) {
        let first = NAMED
            .iter()
            .find(|(_, g)| g == genotype)
            .map_or(*own, |n| n.0);
        let note = format!("{word} is read as the published genotype {first}");
        return Ok((genotype.parse()?, Some(note)));
    }
    let names: Vec<&str> = NAMED.iter().map(|n| n.0).collect();
    let position = text.chars().take_while(|c| c.is_whitespace()).count() + 1;
    Err(Error::Architecture {
        position,
        found: crate::sources::spaces::scan::quoted(word),
        expected: format!(
            "Genotype(normal=…, normal_concat=…, reduce=…, reduce_concat=…), or one of the names {}",
            names.join(", ")
        ),
        nearest: crate::spelling::nearest(name, &names),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_genotype_and_names_are_read_however_they_are_written() {
        for (name, genotype) in NAMED {
            let (read, note) = read(name).unwrap();
            assert_eq!(read, genotype.parse().unwrap());
            assert!(
                note.unwrap()
                    .contains(name.split('_').next().unwrap_or(name))
                    || name == "PCDARTS"
            );
        }
        let named = |text| read(text).unwrap().0;
        assert_eq!(named("pc-darts"), named("PC_DARTS_cifar"));
        assert_eq!(named(" genotypes.DARTS_V2 "), named("DARTS"));
        assert_ne!(named("DARTS_V1"), named("DARTS_V2"));
        let error = read("DARST_V2").unwrap_err();
        assert!(error.hint().contains("DARTS_V2"), "{}", error.hint());
    }
}
