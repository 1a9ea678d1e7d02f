import ArgumentParser
import Terminal

extension Grouping: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(text: argument)
    }

    public static var allValueStrings: [String] { standard.map(\.text) + ["label:KEY"] }
}

extension SortKey: ExpressibleByArgument {}

/// A time such as `500ms`, `2s`, `1m` or plain seconds, from 0.1 s to an hour.
struct RefreshInterval: ExpressibleByArgument, CustomStringConvertible, Equatable {
    let seconds: Double

    var description: String { seconds < 1 ? "\(Int(seconds * 1000))ms" : "\(Int(seconds))s" }

    init(seconds: Double) {
        self.seconds = seconds
    }

    /// Nil for what is no time or out of range.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let factors = ["": 1, "ms": 0.001, "s": 1, "m": 60]
        guard let value = Double(digits), let factor = factors[String(argument.dropFirst(digits.count))],
            (0.1...3600).contains(value * factor)
        else { return nil }
        seconds = value * factor
    }
}
