//! The `hopp` binary.

fn main() {}
