//! One piece of work on many things, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The stack of a worker, in bytes: deeply nested code is read by deep recursion.
const STACK: usize = 64 << 20;
/// How many things a worker takes at once, at most.
const AT_ONCE: usize = 8;
/// How often a worker comes for things, at least, while there are so many.
const TIMES: usize = 512;

/// Does something with each item and returns the results in the items' order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.is_empty() {
        return Vec::new();
    }
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    // Few things are taken one by one, so that no worker is left with all the large ones.
    let at_once = (items.len() / (workers * TIMES)).clamp(1, AT_ONCE);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let begin = next.fetch_add(at_once, Ordering::Relaxed);
            if begin >= items.len() {
                return done;
            }
            let end = items.len().min(begin + at_once);
            done.extend((begin..end).map(|index| (index, work(&items[index]))));
        }
    };
    let mut all: Vec<(usize, R)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker))
            .collect();
        threads
            .into_iter()
            .flatten()
            .flat_map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    if all.len() < items.len() {
        // No thread could be started: this one does it.
        all.extend(worker());
    }
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for length in [0, 1, 7, 1000] {
            let items: Vec<usize> = (0..length).collect();
            assert_eq!(
                map(&items, |item| item * 2),
                items.iter().map(|item| item * 2).collect::<Vec<_>>()
            );
        }
    }
}
