//! What is sorted: where rows stand, never the rows themselves, so that lists of
//! any length are joined in bounded memory.
//!
//! The sorting is `extsort`'s, which keeps segments on the disk.

use std::cmp::Ordering;
use std::io::{Read, Result, Write};

use extsort::{ExternalSorter, PushExternalSorter, Sortable};

/// Entries in memory at once: some 60 MB.
const SEGMENT: usize = 1 << 20;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// In which file.
    pub(super) file: u32,
    /// From which byte.
    pub(super) start: u64,
    /// So many bytes.
    pub(super) length: u32,
}

/// What an entry is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// An architecture of the list.
    Wish,
    /// A row with a score, or with a status that says why there is none.
    Good,
    /// A row with an error.
    Failed,
}

/// A row, or an architecture of the list, under the hash of what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: u128,
    pub(super) what: What,
    /// Its number among all rows, or in the list.
    pub(super) number: u64,
    pub(super) place: Place,
    /// The bits of its score.
    pub(super) score: u64,
}

/// What is written at a place of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chosen {
    pub(super) number: u64,
    /// The row; none where it is missing.
    pub(super) row: Option<Place>,
    /// The architecture in the list that it is for.
    pub(super) wish: Option<Place>,
}

/// A sorter that keeps what is too much on the disk.
pub(super) fn sorter<T: Sortable + Ord>() -> Sorter<T> {
    let sorter = ExternalSorter::new().with_segment_size(SEGMENT);
    sorter.pushed_by(T::cmp)
}

/// See [`sorter`].
pub(super) type Sorter<T> = PushExternalSorter<T, fn(&T, &T) -> Ordering>;

fn numbers<R: Read, const N: usize>(from: &mut R) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Sortable for Place {
    fn encode<W: Write>(&self, to: &mut W) -> Result<()> {
        to.write_all(&self.file.to_le_bytes())?;
        to.write_all(&self.start.to_le_bytes())?;
        to.write_all(&self.length.to_le_bytes())
    }

    fn decode<R: Read>(from: &mut R) -> Result<Self> {
        Ok(Self {
            file: u32::from_le_bytes(numbers(from)?),
            start: u64::from_le_bytes(numbers(from)?),
            length: u32::from_le_bytes(numbers(from)?),
        })
    }
}

impl Sortable for Entry {
    fn encode<W: Write>(&self, to: &mut W) -> Result<()> {
        to.write_all(&self.key.to_le_bytes())?;
        to.write_all(&[self.what as u8])?;
        to.write_all(&self.number.to_le_bytes())?;
        to.write_all(&self.score.to_le_bytes())?;
        self.place.encode(to)
    }

    fn decode<R: Read>(from: &mut R) -> Result<Self> {
        let key = u128::from_le_bytes(numbers(from)?);
        let what = match numbers::<_, 1>(from)? {
            [0] => What::Wish,
            [1] => What::Good,
            _ => What::Failed,
        };
        Ok(Self {
            key,
            what,
            number: u64::from_le_bytes(numbers(from)?),
            score: u64::from_le_bytes(numbers(from)?),
            place: Place::decode(from)?,
        })
    }
}

impl Sortable for Chosen {
    fn encode<W: Write>(&self, to: &mut W) -> Result<()> {
        to.write_all(&self.number.to_le_bytes())?;
        for place in [self.row, self.wish] {
            to.write_all(&[u8::from(place.is_some())])?;
            place.map_or(Ok(()), |place| place.encode(to))?;
        }
        Ok(())
    }

    fn decode<R: Read>(from: &mut R) -> Result<Self> {
        let number = u64::from_le_bytes(numbers(from)?);
        let mut place = || match numbers::<_, 1>(from)? {
            [0] => Ok(None),
            _ => Place::decode(from).map(Some),
        };
        Ok(Self {
            number,
            row: place()?,
            wish: place()?,
        })
    }
}
