package import History
package import Settings

extension HistorySettings {
    /// Nil where nothing is kept.
    package init?(_ values: HistoryValues) {
        guard let path = values.path else { return nil }
        self.init(
            path: path, bytes: Int64(values.size) << 20, minutes: values.minutes.components.seconds,
            hours: values.hours.components.seconds)
    }
}
