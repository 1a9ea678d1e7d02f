extension ResolvedConfiguration {
    /// A setting as `energyd config` shows it.
    package struct Entry: Encodable, Sendable, Equatable {
        package let name: String
        /// Nil where there is none.
        package let value: String?
        /// `default`, `host`, `file`, `environment` or `flag`.
        package let source: String
        /// `/etc/energyd/energyd.conf:3`, the name of the variable or flag; nil for the default.
        package let place: String?
        /// Lower layers that set it too, the highest first.
        package let overrides: [String]

        package enum CodingKeys: CodingKey { case name, value, source, place, overrides }

        /// Every key is always there, null where there is nothing.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(value, forKey: .value)
            try container.encode(source, forKey: .source)
            try container.encode(place, forKey: .place)
            try container.encode(overrides, forKey: .overrides)
        }
    }

    /// The JSON form of `energyd config`.
    package struct Document: Encodable, Sendable {
        /// The file that was read.
        package let file: String?
        package let settings: [Entry]
    }

    package var document: Document { Document(file: file, settings: Setting.all.map(entry)) }

    private func entry(_ setting: Setting) -> Entry {
        let origin = origin(of: setting)
        return Entry(
            name: setting.key, value: setting.show(values),
            source: origin.kind, place: origin.place, overrides: overridden(of: setting).compactMap(\.place))
    }

    /// Aligned columns of name, value and origin, section by section.
    package var table: String {
        let sections = Setting.sections.map { section in (section.title, section.settings.map(row)) }
        let rows = sections.flatMap(\.1)
        let widths = (rows.map(\.name.count).max() ?? 0, min(40, rows.map(\.value.count).max() ?? 0))
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        var text = "# file: \(file ?? "none")\n"
        for (title, rows) in sections {
            text += "\n# \(title)\n"
            for row in rows {
                text += "\(padded(row.name, widths.0))  \(padded(row.value, widths.1))  \(row.origin)\n"
            }
        }
        return text
    }

    private func row(_ setting: Setting) -> (name: String, value: String, origin: String) {
        let entry = entry(setting)
        let over = entry.overrides.isEmpty ? "" : " (over \(entry.overrides.joined(separator: ", ")))"
        return (entry.name, entry.value ?? "-", origin(of: setting).description + over)
    }
}
