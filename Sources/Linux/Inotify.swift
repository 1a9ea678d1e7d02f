internal import Glibc
internal import Synchronization

/// Reports files that are created and removed in directories, without polling. `inotify(7)`
package final class Inotify: Sendable {
    package struct Event: Sendable, Equatable {
        package enum Change: Sendable, Equatable {
            case appeared
            case vanished
            /// The watched directory itself is gone; its watch too.
            case lost
            /// The kernel's queue was full: look at everything again.
            case overflowed
        }

        package let watch: Int32
        package let change: Change
        /// The entry's name; empty where the change is about the directory itself.
        package let name: String
    }

    private let descriptor: Int32
    /// Bytes of an event with the longest name there can be.
    private static let longest = MemoryLayout<inotify_event>.size + Int(NAME_MAX) + 1
    private let buffer = Mutex([UInt8](repeating: 0, count: 1 << 16))

    package init() throws(HostError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw HostError(errno: errno, path: "inotify") }
    }

    deinit {
        close(descriptor)
    }

    /// Watches the entries of a directory, links followed; the same number for a directory that is watched already.
    package func watch(_ directory: String) throws(HostError) -> Int32 {
        let mask = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF
        let watch = inotify_add_watch(descriptor, directory, UInt32(mask) | UInt32(IN_ONLYDIR))
        guard watch >= 0 else { throw HostError(errno: errno, path: directory) }
        return watch
    }

    /// What changed since the last call, in order; never waits. One system call as a rule.
    package func changes() -> [Event] {
        buffer.withLock { buffer in
            var events: [Event] = []
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return events }
                buffer.withUnsafeBytes { Self.parse(UnsafeRawBufferPointer(rebasing: $0[..<count]), into: &events) }
                // Where the longest would have had room, there was no other.
                if count + Self.longest <= buffer.count { return events }
            }
        }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, into events: inout [Event]) {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + header <= bytes.count {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            let name = bytes[(offset + header)..<min(bytes.count, offset + header + length)].prefix { $0 != 0 }
            offset += header + length
            func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
            let change: Event.Change? =
                if has(IN_Q_OVERFLOW) {
                    .overflowed
                } else if has(IN_CREATE | IN_MOVED_TO) {
                    .appeared
                } else if has(IN_DELETE | IN_MOVED_FROM) {
                    .vanished
                } else if has(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) {
                    .lost
                } else {
                    nil
                }
            if let change {
                events.append(Event(watch: watch, change: change, name: String(decoding: name, as: UTF8.self)))
            }
        }
    }
}
