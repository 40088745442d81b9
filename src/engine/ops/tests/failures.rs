//! Cases in which a kernel and its form on the CPU differ.

use std::fs;
use std::path::Path;

use super::on_both;
use crate::engine::Device;
use crate::engine::jet::Jets;

/// The cases that failed so far, each with its file.
#[derive(Default)]
pub(in crate::engine::ops) struct Failures(Vec<String>);

impl Failures {
    /// Holds a GPU and the CPU against each other. Where a part (values, first,
    /// second derivatives) is off by more than the tolerance times its largest
    /// number, the input and both results go to a file under `target/failures`.
    pub(in crate::engine::ops) fn compare(
        &mut self,
        name: &str,
        input: &[f64],
        rows: [usize; 2],
        tolerance: f64,
        apply: impl Fn(Jets, &Device) -> Jets,
    ) {
        let [gpu, cpu] = on_both(input, rows, apply);
        let off = worst(&gpu, &cpu, rows);
        println!("{name} {rows:?}: {off:.1e}");
        if off <= tolerance {
            return;
        }
        let [images, curves] = rows;
        let name = format!("{name}, {images} images, {curves} curves");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/failures");
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let file = folder.join(name.chars().map(plain).collect::<String>() + ".txt");
        let text = format!("{name}\noff {off:e}\ninput {input:?}\ngpu {gpu:?}\ncpu {cpu:?}\n");
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, text));
        let place = match written {
            Ok(()) => file.display().to_string(),
            Err(e) => format!("not written: {e}"),
        };
        self.0.push(format!("{name}: off by {off:e}, see {place}"));
    }

    /// Fails where a case has.
    pub(in crate::engine::ops) fn none(self) {
        assert!(self.0.is_empty(), "{:#?}", self.0);
    }
}

/// The largest error, each of the three parts to its own largest number.
fn worst(found: &[f64], right: &[f64], [images, curves]: [usize; 2]) -> f64 {
    assert_eq!(found.len(), right.len());
    let row = right.len() / (images + 3 * curves);
    let ends = [0, images + curves, images + 2 * curves, images + 3 * curves];
    ends.windows(2).fold(0.0f64, |worst, part| {
        let part = part[0] * row..part[1] * row;
        let right = &right[part.clone()];
        let largest = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let off = found[part].iter().zip(right).fold(0.0f64, |m, (x, y)| {
            let d = (x - y).abs();
            if d.is_nan() { f64::INFINITY } else { m.max(d) }
        });
        worst.max(if off == 0.0 { 0.0 } else { off / largest })
    })
}

#[test]
fn a_failing_case_is_written_down() {
    let mut failures = Failures::default();
    let name = "a case that fails on purpose";
    failures.compare(name, &[1.0, 2.0, 3.0, 4.0], [1, 1], 0.0, |x, _| {
        let factor = if x.layout.host { 1.0 } else { 1.5 };
        crate::engine::ops::scale(&x, factor)
    });
    let [message] = failures.0.as_slice() else {
        panic!("{:?}", failures.0);
    };
    let (_, file) = message.split_once("see ").unwrap();
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("gpu [1.5, 3.0, 4.5, 6.0]") && text.contains("cpu [1.0, 2.0, 3.0, 4.0]"));
    fs::remove_file(file).unwrap();
    assert_eq!(worst(&[1.0, f64::NAN], &[1.0, 1.0], [2, 0]), f64::INFINITY);
}
