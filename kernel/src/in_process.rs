//! A module without an engine: the guest as its host would call it, in one process. What passes between the two is the same, so
//! tests and the fuzzer see all of it.

use crate::guest::Guest;
use crate::host::Instance;
use crate::translate::Translate;

/// A guest that is called directly.
#[derive(Debug)]
pub struct InProcess<K: Translate>(Guest<K>);

impl<K: Translate> InProcess<K> {
    /// The module of a kernel.
    #[must_use]
    pub const fn of(kernel: K) -> Self {
        Self(Guest::new(kernel))
    }
}

impl<K: Translate> Instance for InProcess<K> {
    fn call(&mut self, number: u32, args: [u64; 4]) -> Result<u64, String> {
        Ok(self.0.call(number, args))
    }

    fn write(&mut self, input: &[u8]) -> Result<(), String> {
        self.0.reserve(input.len()).copy_from_slice(input);
        Ok(())
    }

    fn read(&mut self) -> Result<Vec<u8>, String> {
        Ok(self.0.output().to_vec())
    }
}
