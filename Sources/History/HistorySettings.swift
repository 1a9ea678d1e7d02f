/// Where history is kept and how much of it.
package struct HistorySettings: Sendable, Equatable {
    package var path: String
    /// The file may take so many bytes; beside it lies a log of a few MiB.
    package var bytes: Int64
    /// How long minutes are kept, s.
    package var minutes: Int64
    /// How long hours are kept, s.
    package var hours: Int64

    package init(path: String, bytes: Int64 = 128 << 20, minutes: Int64 = 86_400, hours: Int64 = 366 * 86_400) {
        self.path = path
        self.bytes = bytes
        self.minutes = minutes
        self.hours = hours
    }
}
