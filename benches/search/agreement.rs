//! Whether a criterion chooses the same again: projections of one supernet under
//! several seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::replay::rows;

/// Files `projection-SPACE-CRITERION-….csv`, by criterion.
pub(crate) fn files(space: &str) -> BTreeMap<String, Vec<PathBuf>> {
    let prefix = format!("projection-{space}-");
    let mut by: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let folder = std::fs::read_dir("target/search").into_iter().flatten();
    let mut all: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    all.sort();
    for path in all {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let Some(rest) = name.strip_prefix(&prefix) else {
            continue;
        };
        if path.extension().is_some_and(|e| e == "csv") {
            let criterion = rest.split('-').next().unwrap_or_default().to_owned();
            by.entry(criterion).or_default().push(path);
        }
    }
    by
}

/// The network that a file's projection ended with.
fn found(file: &Path) -> Option<String> {
    let is_one = |a: &str| a.starts_with("Genotype") || is_cell(a);
    let mut archs = rows(file).into_iter().rev().map(|row| row.arch);
    archs.find(|arch| is_one(arch))
}

/// A cell of NAS-Bench-201 and no supernet of it.
fn is_cell(arch: &str) -> bool {
    arch.starts_with('|') && !arch.contains(['*', '/'])
}

/// What was decided: an operation with its edge.
fn decisions(arch: &str) -> BTreeSet<String> {
    let parts: Vec<&str> = match arch.starts_with('|') {
        true => arch.split(['|', '+']).filter(|p| !p.is_empty()).collect(),
        false => arch.split("), (").collect(),
    };
    let place = |(i, part): (usize, &&str)| match arch.starts_with('|') {
        true => format!("{i} {part}"),
        // Two edges a node, in the order of their sources.
        false => format!("{} {}", i / 2, part.trim_matches(['[', '(', ')', ']'])),
    };
    parts.iter().enumerate().map(place).collect()
}

/// The mean share of decisions that two projections have in common, where there
/// are two.
fn share(archs: &[String]) -> Option<f64> {
    let decided: Vec<BTreeSet<String>> = archs.iter().map(|a| decisions(a)).collect();
    let pairs = decided.iter().enumerate().flat_map(|(i, a)| {
        decided[i + 1..]
            .iter()
            .map(move |b| a.intersection(b).count() as f64 / a.len().max(b.len()) as f64)
    });
    let pairs: Vec<f64> = pairs.collect();
    (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64)
}

/// The agreement of each criterion's projections, and how good their networks are.
pub(crate) fn report(space: &str, quality: impl Fn(&str) -> Option<f64>) {
    for (criterion, files) in files(space) {
        let archs: Vec<String> = files.iter().filter_map(|file| found(file)).collect();
        let qualities: Vec<f64> = archs.iter().filter_map(|arch| quality(arch)).collect();
        let different: BTreeSet<&String> = archs.iter().collect();
        let common = share(&archs).map_or("none to compare".to_owned(), |share| {
            format!("{share:.2} of their decisions in common")
        });
        println!(
            "{space} by {criterion}: {} projections, {} networks, {common}; {qualities:.2?}",
            archs.len(),
            different.len()
        );
    }
}
