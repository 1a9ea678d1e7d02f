/// What is kept of the past.
package struct HistoryValues: Sendable, Equatable {
    /// nil for nothing.
    package var path: String?
    /// Of the file, MiB.
    package var size = 128
    /// How long minutes are kept, and how long hours.
    package var minutes = Duration.seconds(86_400)
    package var hours = Duration.seconds(366 * 86_400)

    package init() {}
}
