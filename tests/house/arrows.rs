//! The table of arrows, and what is found against it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::Files;

/// One file takes something from another.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) from: String,
    /// A file, or the name of another crate.
    pub(crate) to: String,
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) name: String,
    /// Whether only a module is named, from which other uses take something.
    pub(crate) whole: bool,
}

/// A row of the table.
#[derive(Debug)]
struct Room {
    name: String,
    /// Folders end with a slash.
    places: Vec<String>,
    /// Rooms, and crates.
    may: BTreeSet<String>,
    /// All rooms above, and all crates.
    all: bool,
}

impl Room {
    fn may(&self, to: &String, crates: &BTreeSet<String>) -> bool {
        self.may.contains(to) || self.all && crates.contains(to)
    }
}

/// The tables of a document whose heads are `| room | where | … | may use |`.
#[derive(Debug)]
pub(crate) struct Table {
    rooms: Vec<Room>,
    /// Crates that some row allows: the other rows do not.
    crates: BTreeSet<String>,
}

impl Table {
    pub(crate) fn read(document: &str) -> Self {
        let mut table = Self {
            rooms: Vec::new(),
            crates: BTreeSet::new(),
        };
        let mut columns: Option<[usize; 3]> = None;
        for line in document.lines() {
            let Some(row) = line.trim().strip_prefix('|') else {
                columns = None;
                continue;
            };
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            match columns {
                None => {
                    let column = |name| cells.iter().position(|cell| *cell == name);
                    columns = column("room")
                        .zip(column("where"))
                        .zip(column("may use"))
                        .map(|((room, place), may)| [room, place, may]);
                }
                Some(_) if cells.iter().all(|cell| cell.trim_matches('-').is_empty()) => {}
                Some(columns) => {
                    let [room, place, may] = columns.map(|i| *cells.get(i).unwrap_or(&""));
                    table.add(room, place, may);
                }
            }
        }
        table
    }

    fn add(&mut self, name: &str, places: &str, may: &str) {
        let listed: Vec<&str> = may.split(',').map(str::trim).collect();
        let crates = listed.iter().filter(|word| word.starts_with('`'));
        self.crates
            .extend(crates.map(|word| word.trim_matches('`').to_owned()));
        let all = listed.contains(&"all");
        let may = match listed.as_slice() {
            ["nothing"] => BTreeSet::new(),
            _ if all => self.rooms.iter().map(|room| room.name.clone()).collect(),
            words => words
                .iter()
                .map(|w| w.trim_matches('`').to_owned())
                .collect(),
        };
        let places = places.split('`').skip(1).step_by(2);
        self.rooms.push(Room {
            name: name.to_owned(),
            places: places.map(str::to_owned).collect(),
            may,
            all,
        });
    }

    /// The row of a file.
    fn room(&self, path: &str) -> Option<&Room> {
        let fits = |place: &&String| lies_in(path, place);
        let length = |room: &&Room| room.places.iter().filter(fits).map(String::len).max();
        self.rooms
            .iter()
            .filter(|room| length(room).is_some())
            .max_by_key(length)
    }

    /// What is wrong with the table itself, and with the tree's rooms.
    pub(crate) fn check_rooms(&self, files: &Files) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut above = BTreeSet::new();
        for room in &self.rooms {
            let unknown = |name: &&String| !above.contains(*name) && !self.crates.contains(*name);
            for name in room.may.iter().filter(unknown) {
                wrong.push(format!(
                    "the table lets {} use {name}, which is no room of a row above it",
                    room.name
                ));
            }
            above.insert(room.name.clone());
            for place in &room.places {
                if !files.keys().any(|file| lies_in(file, place)) {
                    wrong.push(format!("the table names {place}, which is not there"));
                }
            }
        }
        let homeless = files.keys().filter(|file| self.room(file).is_none());
        wrong.extend(homeless.map(|file| format!("{file} lies in no room of the table")));
        wrong
    }

    /// Arrows that are not in the table: the first of each file to each room.
    pub(crate) fn check_arrows(&self, uses: &[Use]) -> Vec<String> {
        let mut wrong: BTreeMap<(&str, &str), (&Use, &str)> = BTreeMap::new();
        for used in uses {
            let Some(from) = self.room(&used.from) else {
                continue;
            };
            let to = match self.room(&used.to) {
                Some(room) => &room.name,
                None if self.crates.contains(&used.to) => &used.to,
                None => continue,
            };
            if *to != from.name && !from.may(to, &self.crates) {
                let first = wrong.entry((&used.from, to)).or_insert((used, &from.name));
                if used.line < first.0.line {
                    first.0 = used;
                }
            }
        }
        let wrong = wrong.into_iter().map(|((file, to), (used, from))| {
            let Use { line, name, .. } = used;
            format!("{file}:{line}: the arrow {from} → {to} ({name}) is not in the table")
        });
        wrong.collect()
    }
}

fn lies_in(file: &str, place: &str) -> bool {
    file == place || place.ends_with('/') && file.starts_with(place)
}

/// Circles between files, then between folders. What a file takes from one that
/// it lies below (its parent module's, or a folder's) makes no circle.
pub(crate) fn check_circles(uses: &[Use]) -> Vec<String> {
    let files = circles(uses, str::to_owned, module);
    let folders = circles(uses, folder, folder);
    let files = files
        .into_iter()
        .map(|circle| format!("a circle of files: {circle}"));
    let folders = folders
        .into_iter()
        .map(|circle| format!("a circle of folders: {circle}"));
    files.chain(folders).collect()
}

/// Circles that share no arrow, the shortest first.
fn circles(
    uses: &[Use],
    node: impl Fn(&str) -> String,
    house: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut arrows = Arrows::new();
    for used in uses
        .iter()
        .filter(|used| !used.whole && used.to.contains('/'))
    {
        let upwards = house(&used.from).starts_with(&format!("{}/", house(&used.to)));
        let (from, to) = (node(&used.from), node(&used.to));
        if from != to && !upwards {
            arrows.entry(from).or_default().entry(to).or_insert(used);
        }
    }
    let mut found: Vec<_> = arrows
        .keys()
        .filter_map(|start| circle(&arrows, start))
        .collect();
    found.sort_by_key(Vec::len);
    // One that shares an arrow with a shorter one may go with it.
    let mut seen = BTreeSet::new();
    found.retain(|circle| {
        let arrows = circle.iter().map(|&(from, to, _)| (from, to));
        let new = arrows.clone().all(|arrow| !seen.contains(&arrow));
        seen.extend(arrows.filter(|_| new));
        new
    });
    found.iter().map(|circle| written(circle)).collect()
}

/// By source and target, the first use of each.
type Arrows<'a> = BTreeMap<String, BTreeMap<String, &'a Use>>;
/// An arrow with its use.
type Arrow<'a> = (&'a str, &'a str, &'a Use);

/// The shortest way from a node back to itself.
fn circle<'a>(arrows: &'a Arrows<'_>, start: &str) -> Option<Vec<Arrow<'a>>> {
    let mut reached: BTreeMap<&str, Arrow<'_>> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(from) = open.pop_front() {
        let Some((from, targets)) = arrows.get_key_value(from) else {
            continue;
        };
        for (to, used) in targets {
            if !reached.contains_key(to.as_str()) {
                reached.insert(to, (from, to, used));
                open.push_back(to);
            }
        }
    }
    let mut circle = vec![*reached.get(start)?];
    while let Some((from, ..)) = circle.last().filter(|(from, ..)| *from != start) {
        circle.push(*reached.get(from)?);
    }
    circle.reverse();
    Some(circle)
}

/// A circle from the first of its names, with where each arrow comes from.
fn written(circle: &[Arrow<'_>]) -> String {
    let first = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, (from, ..))| *from);
    let mut circle = circle.to_vec();
    circle.rotate_left(first.map_or(0, |(at, _)| at));
    let lines = circle.iter().map(|(from, to, used)| {
        format!(
            "\n    {from} → {to} ({}:{}: {})",
            used.from, used.line, used.name
        )
    });
    lines.collect()
}

/// The folder that a file's child modules lie in.
pub(crate) fn module(file: &str) -> String {
    let own = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"];
    let end = own.iter().find_map(|end| file.strip_suffix(end));
    end.unwrap_or(file).to_owned()
}

fn folder(file: &str) -> String {
    file.rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned()
}
