//! Every proxy of every architecture: together for the values, since equal
//! passes are one; alone on the first rows, for what each costs by itself.

use std::time::Instant;

use dextr::engine::{Device, Silent};
use dextr::proxy::{Proxy, Score, Settings, score};
use dextr::stimulus::Given;

use crate::compute::{Method, Numbers};

/// Rows per set on which every proxy is timed by itself; their texts' lengths
/// decide nothing, they are the first ones.
pub(crate) const TIMED: usize = 4;

impl Method<'_> {
    /// The proxies' values by their names. One without a value is not among them.
    pub(crate) fn measured(
        &self,
        text: &str,
        seed: u64,
        device: &Device,
    ) -> dextr::Result<Numbers> {
        let arch = self.space.build(text, self.options)?;
        let run = |proxies: &[&'static dyn Proxy]| -> dextr::Result<Score> {
            let settings = Settings {
                seed,
                image: self.picture.cloned().map(Given::Picture),
                proxies: proxies.to_vec(),
                ..Settings::default()
            };
            pollster::block_on(score(&arch, &settings, device, &Silent))
        };
        let mut row = Numbers::new();
        let all = run(self.proxies)?;
        row.insert("seconds".to_owned(), all.seconds);
        for measurement in &all.measurements {
            let value = measurement.value.filter(|value| value.is_finite());
            row.extend(value.map(|value| (measurement.name.to_owned(), value)));
            // What is ranked in a pool has parts and no value.
            if value.is_none() {
                let parts = measurement.parts.iter().copied();
                row.extend(parts.map(|(part, value)| (part.to_owned(), value)));
            }
        }
        if self.timed.iter().any(|timed| timed == text) && seed == 0 {
            for &proxy in self.proxies {
                let start = Instant::now();
                // What it cannot judge costs what it takes to say so.
                let _ = run(&[proxy]);
                let name = format!("seconds.{}", proxy.about().name);
                row.insert(name, start.elapsed().as_secs_f64());
            }
        }
        Ok(row)
    }
}
