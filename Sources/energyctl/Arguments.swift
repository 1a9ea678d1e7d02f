import ArgumentParser
import Terminal

extension Grouping: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(text: argument)
    }

    public static var allValueStrings: [String] { known.map(\.text) + ["label:KEY"] }
}

extension SortKey: ExpressibleByArgument {}

extension Average: ExpressibleByArgument {}

extension Look.Palette: ExpressibleByArgument {}
