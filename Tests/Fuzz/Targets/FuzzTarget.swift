/// A reader of foreign bytes, and what must be true of its results whatever the bytes are.
package struct FuzzTarget: Sendable {
    /// `cgroup-path`: the name on the command line and of the directory of its seeds.
    package let name: String
    /// What the bytes stand for.
    package let input: String
    /// Inputs are not made longer than this, bytes.
    package let largest: Int
    /// Inputs that are well formed: where the search begins.
    package let examples: @Sendable () -> [[UInt8]]
    /// Reads the bytes; a result that breaks a promise ends the process, as a crash does.
    package let run: @Sendable ([UInt8]) -> Void

    /// - Parameter texts: examples that are text.
    init(
        _ name: String, _ input: String, largest: Int = 4096, texts: [String] = [],
        examples: @escaping @Sendable () -> [[UInt8]] = { [] }, run: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.name = name
        self.input = input
        self.largest = largest
        self.examples = { texts.map { Array($0.utf8) } + examples() }
        self.run = run
    }

    /// All of them; a new reader of foreign bytes belongs here.
    package static let all =
        cgroups + names + sysfs + documents + own + settings + terminal + requests + export + recordings
}

/// Ends the process unless the promise was kept.
func require(_ isKept: Bool, _ promise: @autoclosure () -> String) {
    if !isKept { fatalError("broken promise: \(promise())") }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
