import ArgumentParser
import CLI
import FoundationEssentials
import Glibc
import History
import Linux
import Reporting
import Terminal

/// The store itself: what it has, and whether it is as it was written.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what of the past is recorded, and verify that it was not changed.",
        subcommands: [Show.self, Verify.self], defaultSubcommand: Show.self)

    /// What there is.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show from when to when a history reaches.")

        @Option(help: ArgumentHelp("The history's file.", valueName: "path"), completion: .file())
        var file = HistorySource.usualPath

        func run() throws {
            do {
                guard let span = try HistoryReader(path: file).span() else {
                    return try Output.write(lines: ["\(printable(file)): nothing is recorded yet"])
                }
                let (first, last) = (LocalCalendar.moment(span.lowerBound), LocalCalendar.moment(span.upperBound))
                try Output.write(lines: ["\(printable(file)): \(first.text) to \(last.text) (UTC\(last.offset))"])
            } catch let error as HistoryError {
                throw SourceFailure("\(file): \(error)")
            } catch let error as SQLiteError {
                throw SourceFailure("\(file): \(error)")
            }
        }
    }

    /// Goes through the chain of hours.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify that no hour was changed, removed or inserted after it was recorded.",
            discussion: """
                Each hour has a hash over all it holds and the hash of the hour before. They are computed anew. Note the last \
                hash now and then, and give it with --expect later: that also shows whether hours were cut off at the end.

                EXAMPLES
                  energyctl history verify
                  energyctl history verify --file copy.db --expect 3f2a...

                EXIT STATUS
                  0 intact, 1 the file cannot be read, 2 wrong options, 3 not intact
                """)

        enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
            case text, json
        }

        @Option(
            help: ArgumentHelp("The history's file.", valueName: "path"), completion: .file())
        var file = HistorySource.usualPath

        @Option(help: ArgumentHelp("A hash that one of the hours must have.", valueName: "hash"))
        var expect: String?

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() throws {
            let line = ProgressLine("verifying")
            let result: HistoryVerification
            do {
                let reader = try HistoryReader(path: file)
                result = try reader.verify(expecting: expect?.lowercased()) { done, all in
                    line.show(Double(done) / Double(max(all, 1)))
                }
            } catch {
                throw SourceFailure("\(file): \(error)")
            }
            line.show(1)
            switch output {
            case .text: try Output.write(lines: text(result))
            case .json:
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                try Output.write(Array(try encoder.encode(result)) + [UInt8(ascii: "\n")])
            }
            if !result.isIntact { throw ExitCode(3) }
        }

        private func text(_ result: HistoryVerification) -> [String] {
            guard result.isIntact else {
                return ["NOT INTACT: \(printable(file))"] + result.problems.map { "  \(printable($0, limit: 500))" }
            }
            guard let first = result.first, let last = result.last, let head = result.head else {
                return ["intact: no hour is complete yet"]
            }
            return [
                "intact: \(result.hours) hours, \(LocalCalendar.moment(first).text) to "
                    + "\(LocalCalendar.moment(last + 3600).text)",
                "last hash: \(head)",
            ]
        }
    }
}
