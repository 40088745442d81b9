//! A bounded memory of what pure functions returned.
//!
//! Weights, images and curves are drawn from seeds, the same ones for all
//! architectures of a list: neighbours in a search space share most of their
//! weight tensors, and all share image and curves.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// What is remembered says how much memory it holds.
pub(crate) trait Bytes {
    /// Bytes of the numbers.
    fn bytes(&self) -> u64;
}

/// Values by what they were made from; the least used are forgotten.
pub(crate) struct Memo<K, V> {
    values: Cache<K, Arc<V>, ByBytes>,
    limit: u64,
}

#[derive(Clone)]
struct ByBytes;

impl<K, V: Bytes> Weighter<K, Arc<V>> for ByBytes {
    fn weight(&self, _: &K, value: &Arc<V>) -> u64 {
        value.bytes()
    }
}

impl<K: Hash + Eq + Clone, V: Bytes> Memo<K, V> {
    /// A memory of at most `limit` bytes.
    pub(crate) fn new(limit: u64) -> Self {
        // The first number only sizes the table.
        let values = Cache::with_weighter(256, limit, ByBytes);
        Self { values, limit }
    }

    /// The value of `key`, made if it is not remembered.
    pub(crate) fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(value) = self.values.get(&key) {
            return value;
        }
        let value = Arc::new(make());
        // One large value must not push out all the others.
        if value.bytes() <= self.limit / 4 {
            self.values.insert(key, Arc::clone(&value));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Block(u64);

    impl Bytes for Block {
        fn bytes(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn a_second_call_returns_the_first_value() {
        let memo = Memo::new(1 << 20);
        let first = memo.get(1, || Block(8));
        let second = memo.get(1, || unreachable!("it is remembered"));
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn no_more_than_the_limit_is_kept() {
        let memo = Memo::new(1000);
        let all: Vec<_> = (0..100).map(|key| memo.get(key, || Block(100))).collect();
        let kept = all.iter().filter(|v| Arc::strong_count(v) > 1).count();
        assert!((1..=10).contains(&kept), "{kept} of 100 bytes each");
        let large = memo.get(1000, || Block(400));
        assert_eq!(Arc::strong_count(&large), 1);
    }
}
