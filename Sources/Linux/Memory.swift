internal import CLinux

/// How this program uses memory.
package enum Memory {
    /// Returns to the kernel what is freed, as far as it is large. To be called before there are threads.
    ///
    /// By itself glibc raises the size from which it does so to that of the largest piece that was ever freed, some
    /// megabytes after the first scrape, and makes up to eight heaps per CPU, each of which keeps what it once had.
    package static func returnWhenFreed() {
        energyd_return_memory(256 << 10, 2)
    }

    /// Gives back what is free in small pieces. Takes some milliseconds, during which other threads may wait for memory.
    package static func trim() { energyd_trim_memory() }
}
