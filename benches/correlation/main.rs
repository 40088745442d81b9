//! Rank correlation with real accuracies, for every space that has a table:
//! Dextr and S under each observation policy, K, #params and MACs on the same
//! rows, over all of them, within the best half and the best tenth; for
//! nasbench201 also paired differences to the published protocol.
//!
//! `./build.sh bench correlation [--space NAME] [--proxy all|a,b,…] [--rows n] [--seeds n]
//! [--set name=value …] [--image FILE] [--threads n] [--table long|short]`; DEXTR_DATA is the folder
//! of accuracy tables. `--space` is a space or one of its tables
//! (`transnasbench101-jigsaw`); without it all tables are run, which takes
//! hours. `--rows` takes the first rows, `--set` sets an option of the space,
//! such as a smaller `size` where the default is slow. With `--proxy` it is these
//! proxies that are held against #params and against Dextr, which are always
//! among them.
//!
//! Every row's numbers go to `benches/report/<table>_<image>….csv` as they
//! come, and a run that was cut off goes on from there; other options have
//! another file. The tables in Markdown go to standard output, whole or with a
//! line for each accuracy.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod compute;
mod contest;
mod rivals;
mod sets;
mod summary;
mod table;

use std::path::{Path, PathBuf};

use dextr::architecture::Options;
use dextr::network::Policy;
use dextr::proxy::{self, Proxy};
use dextr::sources::spaces;
use dextr::stimulus::Picture;

use compute::{Method, policies};
use contest::Contest;
use sets::{SETS, Set};
use table::Report;

struct Arguments {
    space: Option<String>,
    seeds: u64,
    rows: usize,
    threads: usize,
    set: Vec<(String, String)>,
    image: Option<PathBuf>,
    short: bool,
    proxies: Vec<&'static dyn Proxy>,
}

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments = arguments();
    let data =
        PathBuf::from(std::env::var("DEXTR_DATA").unwrap_or_else(|_| "../shared/data".to_owned()));
    let wanted = |set: &&Set| {
        let name = arguments.space.as_deref();
        name.is_none_or(|name| name == set.name || name == set.space)
    };
    let sets: Vec<&Set> = SETS.iter().filter(wanted).collect();
    let known = SETS.map(|set| set.name).join(", ");
    assert!(!sets.is_empty(), "--space: one of {known}, or their space");
    if arguments.short && arguments.proxies.is_empty() {
        print!("{}", summary::HEAD);
    }
    for set in sets {
        print!("{}", report(set, &arguments, &data));
    }
    if !arguments.proxies.is_empty() {
        print!("{}", contest::needs(&arguments.proxies));
    }
}

fn arguments() -> Arguments {
    // cargo adds `--bench`.
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = Arguments {
        space: None,
        seeds: 1,
        rows: usize::MAX,
        threads,
        set: Vec::new(),
        image: None,
        short: false,
        proxies: Vec::new(),
    };
    while let Some(name) = given.next() {
        let value = given
            .next()
            .unwrap_or_else(|| panic!("{name} has no value"));
        let number = || value.parse::<usize>().expect("a whole number");
        match name.as_str() {
            "--space" => all.space = Some(value),
            "--seeds" => all.seeds = number().max(1) as u64,
            "--rows" => all.rows = number(),
            "--threads" => all.threads = number().max(1),
            "--table" => {
                assert!(
                    ["long", "short"].contains(&value.as_str()),
                    "--table: long or short"
                );
                all.short = value == "short";
            }
            "--proxy" => all.proxies = proxies(&value),
            "--image" => all.image = Some(PathBuf::from(value)),
            "--set" => {
                let (name, value) = value.split_once('=').expect("--set name=value");
                all.set.push((name.to_owned(), value.to_owned()));
            }
            _ => panic!("unknown argument {name}"),
        }
    }
    all
}

/// Proxies by name, or all; with those that the others are held against.
fn proxies(names: &str) -> Vec<&'static dyn Proxy> {
    let named = match names {
        "all" => proxy::all().to_vec(),
        names => proxy::by_names(names).unwrap(),
    };
    let mut all = proxy::by_names("dextr,params").unwrap();
    for proxy in named {
        if !all.contains(&proxy) {
            all.push(proxy);
        }
    }
    all
}

fn report(set: &Set, arguments: &Arguments, data: &Path) -> String {
    let space = spaces::by_name(set.space).unwrap();
    let rows = set.read(data, space.about().columns, arguments.rows);
    let mut options = Options::new();
    for (name, value) in set.options {
        options.set(name, value);
    }
    for (name, value) in &arguments.set {
        options.set(name, value);
    }
    let picture = arguments
        .image
        .as_ref()
        .map(|file| Picture::decode(&std::fs::read(file).unwrap()).unwrap());
    let kind = if picture.is_some() { "picture" } else { "pink" };
    let pairs: Vec<String> = arguments
        .set
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/report");
    std::fs::create_dir_all(&folder).unwrap();
    let names: Vec<&str> = arguments.proxies.iter().map(|p| p.about().name).collect();
    let rivals = (!names.is_empty()).then(|| names.join(","));
    let file = std::iter::once(format!("{}_{kind}", set.name));
    let file = file.chain(rivals).chain(pairs.iter().cloned());
    let file = folder.join(file.collect::<Vec<_>>().join("_") + ".csv");

    let method = Method {
        space,
        options: &options,
        picture: picture.as_ref(),
        threads: arguments.threads,
        proxies: &arguments.proxies,
        timed: &rows.archs[..rivals::TIMED.min(rows.archs.len())],
    };
    eprintln!("{}: {} rows", set.name, rows.archs.len());
    let computed = method.run(&rows.archs, arguments.seeds, &file);
    if !arguments.proxies.is_empty() {
        let contest = Contest {
            set,
            rows: &rows,
            computed: &computed,
            seeds: arguments.seeds,
            proxies: &arguments.proxies,
        };
        return contest.markdown();
    }
    let first = space.build(&rows.archs[0], &options);
    let published = first.is_ok_and(|arch| arch.published);
    let mut how = format!("image: {kind}");
    pairs.iter().for_each(|pair| how += &format!(", `{pair}`"));
    let report = Report {
        set,
        rows: &rows,
        computed: &computed,
        seeds: arguments.seeds,
        policies: policies(published)
            .iter()
            .map(|p| Policy::name(*p))
            .collect(),
        published,
        how,
    };
    match arguments.short {
        true => report.summary(),
        false => report.markdown(),
    }
}
