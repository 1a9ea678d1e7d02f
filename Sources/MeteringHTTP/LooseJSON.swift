/// JSON as the firmware of management controllers writes it. What cannot be misunderstood is taken: byte order marks
/// are removed by the caller; numbers that are none (`NaN`, `N/A` without quotes) are null; a comma too many, control
/// characters in strings and bytes that are not UTF-8 do no harm. A text that is cut off is refused.
///
/// Depth and the number of values are bounded; O(bytes).
package enum LooseJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([LooseJSON])
    /// Of a name that occurs twice the last.
    case object([String: LooseJSON])

    /// Nil where it is not JSON, or too deep or too large.
    package init?(_ bytes: [UInt8]) {
        var parser = LooseJSONParser(bytes)
        guard let value = parser.value(depth: 0) else { return nil }
        self = value
    }

    package subscript(_ name: String) -> LooseJSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The text of a string.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The elements of an array; a single thing where an array is due counts as an array of one, and null as empty.
    var list: [LooseJSON] {
        switch self {
        case .array(let elements): elements
        case .null: []
        default: [self]
        }
    }

    /// The first object where one is due: firmware puts it into an array at times.
    var single: LooseJSON? {
        switch self {
        case .array(let elements): elements.first
        case .null: nil
        default: self
        }
    }

    /// The path that a link names: `{"@odata.id": PATH}`, `{"href": PATH}`, or the bare path.
    var link: String? {
        guard let target = single else { return nil }
        let path = target.text ?? target["@odata.id"]?.text ?? target["href"]?.text
        return path.flatMap { $0.isEmpty ? nil : $0 }
    }

    var isObject: Bool { if case .object = self { true } else { false } }

    /// A finite number, also as text (`"152"`, `"152 W"`), in an object (`{"Reading": 152}`) or in an array of one.
    /// In watts where a unit is given (`"0.152 kW"`, `"ReadingUnits": "mW"`); nil where that is another one.
    var amount: Double? {
        switch self {
        case .number(let value): return value.isFinite ? value : nil
        case .string(let text): return Self.amount(of: text)
        case .object:
            guard let reading = self["Reading"], !reading.isObject, let value = reading.amount else { return nil }
            return PowerUnit.factor((self["ReadingUnits"] ?? self["Units"])?.text).map { value * $0 }
        case .array(let elements):
            guard elements.count == 1, let element = elements.first else { return nil }
            if case .array = element { return nil }
            return element.amount
        case .null, .bool: return nil
        }
    }

    private static func amount(of text: String) -> Double? {
        let parts = text.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        guard let first = parts.first, parts.count <= 2 else { return nil }
        let digits = first.prefix { "0123456789.+-eE".utf8.contains($0) }
        let unit = Substring(first.dropFirst(digits.count)) + (parts.count == 2 ? Substring(parts[1]) : "")
        guard let factor = PowerUnit.factor(String(unit)), let value = Double(Substring(digits)), value.isFinite else {
            return nil
        }
        return value * factor
    }
}
